"""A transcription that is stopped and gone on with: what was written stays, the rest is as if it had gone through."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.state.transcript import Transcript
from mlx_gemma4.engine.transcription import transcribe
from mlx_gemma4.media.cutting import Piece, cut_pieces
from mlx_gemma4.media.sound import Samples
from mlx_gemma4.protocol.events import Event, TextDelta, TranscriptSegment, TurnFinished, UsageReport
from mlx_gemma4.protocol.requests import Ask, Transcribe
from tests.unit.engine.live_engine import LiveEngine
from tests.unit.engine.resuming import rest_of, segments_of
from tests.unit.engine.test_transcription import SECOND, check_segments, silence, sound
from tests.unit.hearing_models import write_hearing_model
from tests.unit.media.sound_files import write_wav

# cut in a pause, with an overlap (twice), in the middle of silence, and with an overlap again
TALK = np.concatenate([sound(26), silence(1), sound(82), silence(40), sound(50)])


def one_word_a_second(samples: Samples, asked: list[Ask]) -> Callable[[Ask, Piece], Iterator[Event]]:
    """A model that hears `word7` in the second from 7 to 8, if all of it is in the piece and it is not silent."""

    def answer(ask: Ask, piece: Piece) -> Iterator[Event]:
        asked.append(ask)
        for second in range(math.ceil(piece.start), math.floor(piece.end)):
            if samples[second * SECOND : (second + 1) * SECOND].any():
                yield TextDelta(f"word{second} ")
        yield UsageReport(10, 5, 2.0, 0.5, 1000)
        yield TurnFinished("end_of_turn")

    return answer


def test_stopped_anywhere_it_goes_on_as_if_it_had_not_been() -> None:
    asked: list[Ask] = []
    answer = one_word_a_second(TALK, asked)
    whole = segments_of(list(transcribe(Transcribe("r", "t.wav"), cut_pieces([TALK]), answer, lambda: False)))
    check_segments(whole, len(TALK) / SECOND)
    spoken = [second for second in range(len(TALK) // SECOND) if TALK[second * SECOND : (second + 1) * SECOND].any()]
    assert " ".join(segment.text for segment in whole).split() == [f"word{second}" for second in spoken]
    questions, asked[:] = list(asked), []
    assert whole[-1].piece >= 6 and sum(bool(segment.held) for segment in whole) >= 3
    assert any(segment.more for segment in whole), "it is also stopped within a piece"
    for count in range(len(whole)):
        request = rest_of(Transcribe("r", "t.wav"), whole[:count], "rest")
        rest = cut_pieces([TALK[round(request.start * SECOND) :]], round(request.start * SECOND))
        transcript = Transcript()
        for segment in [*whole[:count], *transcribe(request, rest, answer, lambda: False)]:
            if isinstance(segment, TranscriptSegment):
                transcript.put(segment)
        assert transcript.segments == whole
        assert [ask.messages for ask in asked] == [ask.messages for ask in questions[-len(asked) :]]
        asked.clear()


def test_a_rest_that_is_silent_is_no_failure() -> None:
    request = Transcribe("r", "t.wav", start=30.0, first_piece=1, context="That is all.", held="Bye.")
    events = list(
        transcribe(request, cut_pieces([silence(20)], 30 * SECOND), one_word_a_second(TALK, []), lambda: False)
    )
    assert events == [TranscriptSegment(30.0, 50.0, "Bye.", piece=1), TurnFinished("end_of_turn")]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LiveEngine]:
    engine = LiveEngine()
    engine.load(str(write_hearing_model(tmp_path)))
    yield engine
    engine.client.close()


def test_the_engines_process_goes_on_with_the_very_same_words(engine: LiveEngine, tmp_path: Path) -> None:
    request = Transcribe("whole", str(write_wav(tmp_path / "t.wav", TALK[27 * SECOND : 120 * SECOND])), max_tokens=6)
    engine.send(request)
    engine.end_of(request.id)
    whole = segments_of(engine.events(request.id))
    check_segments(whole, 93)
    engine.send(replace(request, id="stopped"))
    engine.wait_for(lambda event: event.request_id == "stopped" and isinstance(event, TranscriptSegment))
    engine.stop("stopped")
    end = engine.end_of("stopped")[1]
    assert isinstance(end, TurnFinished) and end.reason == "stopped"
    before = segments_of(engine.events("stopped"))
    assert before == whole[: len(before)] and len(before) < len(whole)
    rest = rest_of(request, before, "rest")
    assert rest.held, "it was stopped in the middle of an overlap"
    engine.send(rest)
    engine.end_of("rest")
    assert before + segments_of(engine.events("rest")) == whole
