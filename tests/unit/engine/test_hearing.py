"""A model that hears, end to end in one process: pieces reach it, segments leave, Stop stops."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mlx_gemma4 import Gemma, load
from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.media.sound import open_sound
from mlx_gemma4.prompt.checkpoint_files import read_prompt_defaults
from mlx_gemma4.protocol.events import (
    EngineFailed,
    Event,
    PromptProgress,
    TranscriptSegment,
    TurnFinished,
    UsageReport,
)
from mlx_gemma4.protocol.parts import Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask, Transcribe
from tests.unit.media.sound_files import encode, tone, write_wav


@pytest.fixture(scope="module")
def gemma(hearing_folder: Path) -> Gemma:
    return load(hearing_folder)


def segments_of(events: list[Event]) -> list[TranscriptSegment]:
    return [event for event in events if isinstance(event, TranscriptSegment)]


def test_a_recording_is_transcribed_piece_by_piece(gemma: Gemma, talk_file: Path) -> None:
    events = list(gemma.transcribe(talk_file, max_tokens=12))
    assert [event.seq for event in events] == list(range(len(events)))
    segments = segments_of(events)
    assert segments[0].start == 0 and segments[-1].end == pytest.approx(40)
    assert all(one.end == other.start and one.start <= one.end for one, other in pairwise(segments))
    borders = [segment.end for segment in segments]
    assert any(abs(border - 27.75) < 0.05 for border in borders), "cut in the pause before 28 s"
    assert "".join(segment.text for segment in segments)
    assert isinstance(events[-1], TurnFinished)
    usage = events[-2]
    assert isinstance(usage, UsageReport) and 12 < usage.completion_tokens <= 24
    prompts = [event.total for event in events if isinstance(event, PromptProgress) and event.done == event.total]
    assert len(prompts) == 2 and usage.prompt_tokens == sum(prompts)
    assert all(total > 300 for total in prompts), "25 soft tokens a second"


def test_a_piece_is_heard_as_if_it_were_asked_about_in_its_file(gemma: Gemma, talk_file: Path, tmp_path: Path) -> None:
    """The samples that go to the model from memory are those of the stretch that the part names."""
    asked: list[tuple[Ask, np.ndarray]] = []
    prepare = gemma.engine.prepare

    def spy(request: Ask, *rest: object) -> object:
        prepared = prepare(request, *rest)  # pyright: ignore[reportArgumentType]
        asked.append((request, prepared.media[0].features))  # pyright: ignore[reportAttributeAccessIssue]
        return prepared

    gemma.engine.prepare = spy  # pyright: ignore[reportAttributeAccessIssue]
    list(gemma.transcribe(talk_file, max_tokens=2))
    del gemma.engine.prepare
    assert len(asked) == 2
    for request, features in asked:
        again = gemma.engine.prepare(request).media[0]
        np.testing.assert_array_equal(features, again.features)  # pyright: ignore[reportAttributeAccessIssue]


def test_stop_between_pieces_and_within_one_ends_it(gemma: Gemma, talk_file: Path) -> None:
    for sign in (PromptProgress, TranscriptSegment):
        seen: list[Event] = []
        for event in gemma.engine.transcribe(Transcribe("r", str(talk_file), max_tokens=12)):
            seen.append(event)
            if isinstance(event, sign):
                gemma.engine.stop("r")
        assert seen[-1].reason == "stopped"  # pyright: ignore[reportAttributeAccessIssue]
        assert len(segments_of(seen)) < len(segments_of(list(gemma.transcribe(talk_file, max_tokens=12))))


def test_pieces_push_out_nothing_that_may_be_asked_about_again(hearing_folder: Path, talk_file: Path) -> None:
    checkpoint = load(hearing_folder)
    engine = Engine(checkpoint.model, checkpoint.tokenizer, read_prompt_defaults(hearing_folder), kept_bytes=1_000_000)
    words = Message("user", (TextPart("the box, the other box and the user of the model"),))
    question = Ask("q", (words,), sampling=GREEDY, max_tokens=2)

    def reused() -> int:
        return next(event.reused_tokens for event in engine.ask(question) if isinstance(event, UsageReport))

    reused()
    assert reused() > 0
    list(engine.transcribe(Transcribe("t", str(talk_file), max_tokens=2)))
    assert reused() > 0


def test_a_transcription_can_be_left_at_any_moment(gemma: Gemma, talk_file: Path) -> None:
    for moment in (PromptProgress, TranscriptSegment):
        events = gemma.engine.transcribe(Transcribe("r", str(talk_file), max_tokens=4))
        assert any(isinstance(event, moment) for event in events)
        events.close()
    assert isinstance(list(gemma.transcribe(talk_file, max_tokens=2))[-1], TurnFinished)


def test_a_file_that_cannot_be_heard_is_one_sentence(gemma: Gemma, tmp_path: Path) -> None:
    silent = write_wav(tmp_path / "silent.wav", tone(40, level=0.0))
    for path, code in ((silent, "media.silent"), (tmp_path / "gone.wav", "media.missing")):
        (failed,) = [event for event in gemma.transcribe(path) if not isinstance(event, TranscriptSegment)]
        assert isinstance(failed, EngineFailed) and failed.code == code and failed.message.endswith(".")


def test_a_recording_that_breaks_off_is_transcribed_as_far_as_it_goes(
    gemma: Gemma, talk_file: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.mp4"
    encode(whole, open_sound(talk_file).read(40, 0, 30), "aac", options={"movflags": "faststart"})
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    *segments, failed = [
        event
        for event in gemma.transcribe(tmp_path / "cut.mp4", max_tokens=4)
        if isinstance(event, TranscriptSegment | EngineFailed)
    ]
    assert isinstance(failed, EngineFailed) and "breaks off after" in failed.message
    assert isinstance(segments[-1], TranscriptSegment) and 10 < segments[-1].end < 25


def test_a_model_that_does_not_hear_says_so_in_one_sentence(model_folder: Path, talk_file: Path) -> None:
    events = list(load(model_folder).transcribe(talk_file))
    assert len(events) == 1
    failed = events[0]
    assert isinstance(failed, EngineFailed) and failed.recoverable
    assert "does not hear" in failed.message and "E2B" in failed.hint
