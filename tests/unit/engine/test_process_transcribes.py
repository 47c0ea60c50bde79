"""The engine process transcribes: segments cross the wire in order, Stop comes through in time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mlx_gemma4.protocol.events import EngineFailed, PromptProgress, TranscriptSegment, TurnFinished, UsageReport
from mlx_gemma4.protocol.requests import Transcribe
from tests.unit.engine.live_engine import LiveEngine
from tests.unit.hearing_models import write_hearing_model
from tests.unit.media.sound_files import tone, write_wav

STOP_SECONDS = 0.2


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveEngine]:
    """An engine with a tiny model that hears."""
    engine = LiveEngine()
    assert engine.load(str(write_hearing_model(tmp_path_factory.mktemp("hearing")))).hears
    yield engine
    engine.client.close()


def test_segments_come_in_order_and_the_request_ends_once(engine: LiveEngine, talk_file: Path) -> None:
    engine.send(Transcribe("talk", str(talk_file), max_tokens=8))
    end = engine.end_of("talk")[1]
    events = engine.events("talk")
    assert [event.seq for event in events] == list(range(len(events)))
    assert isinstance(end, TurnFinished) and events[-1] == end and isinstance(events[-2], UsageReport)
    segments = [event for event in events if isinstance(event, TranscriptSegment)]
    assert segments[0].start == 0 and segments[-1].end == pytest.approx(40)
    assert [segment.end for segment in segments[:-1]] == [segment.start for segment in segments[1:]]


def test_stop_comes_through_in_time(engine: LiveEngine, tmp_path: Path) -> None:
    words = np.concatenate([tone(3.5), tone(0.5, level=0.0)])
    long = write_wav(tmp_path / "long.wav", np.tile(words, 300))  # not over before a Stop, however late that comes

    def seconds_to_stop(name: str) -> float:
        engine.send(Transcribe(name, str(long), loop_guard=None))
        engine.wait_for(lambda event: event.request_id == name and isinstance(event, PromptProgress))
        asked = time.monotonic()
        engine.stop(name)
        at, end = engine.end_of(name)
        assert isinstance(end, TurnFinished) and end.reason == "stopped"
        return at - asked

    # again if it was late: a machine that is busy with other things can be late with anything, but not each time
    assert any(seconds_to_stop(f"stopped {again}") < STOP_SECONDS for again in range(5))


def test_a_bad_recording_fails_its_request_and_nothing_else(engine: LiveEngine, talk_file: Path) -> None:
    engine.send(Transcribe("bad", "gone.wav"), Transcribe("good", str(talk_file), max_tokens=2))
    failed = engine.end_of("bad")[1]
    assert isinstance(failed, EngineFailed) and failed.code == "media.missing" and failed.recoverable
    assert isinstance(engine.end_of("good")[1], TurnFinished)
