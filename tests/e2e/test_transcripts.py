"""A long recording in the real window: stopped in the middle, gone on with, exported.

The model is a tiny random one that hears (`hearing.py`): its words mean nothing, their times and order are real.
"""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.hearing import choose_hearing_model, export_transcript
from tests.e2e.window import Scheme, Window
from tests.soak.speech import write_speech
from tests.unit.cli.subtitle_grammar import parse_vtt

SECONDS = 60.0
MINUTES = 4.0
GO_ON = (-60, -74)  # pixels of the window, from its right and lower edge


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_transcript_that_is_stopped_goes_on_where_it_stood(
    display: Display, tmp_path: Path, pictures: Path, scheme: Scheme
) -> None:
    choose_hearing_model(tmp_path)
    talk = tmp_path / "talk.wav"
    write_speech(talk, MINUTES)
    with Window(display, tmp_path, scheme, files=[talk]) as window:
        window.wait_for("ModelReady", SECONDS)
        window.wait_for("ready", SECONDS)
        asked = window.press("ctrl+t")
        window.wait_for("TranscriptSegment", SECONDS, since=asked)
        stopped = window.press("Escape")
        window.wait_for("answer stopped", SECONDS, since=stopped)
        before = len(window.happened("TranscriptSegment"))
        time.sleep(0.5)
        window.grab().picture.save(pictures / f"transcript-stopped-{scheme}.png", optimize=True)
        some = tmp_path / "some.vtt"
        export_transcript(display, window, some)
        on = window.click(*GO_ON)
        window.wait_for("answer done", SECONDS, since=on)
        assert len(window.happened("TranscriptSegment")) > before, "there was something left to do"
        time.sleep(0.5)
        window.grab().picture.save(pictures / f"transcript-gone-on-{scheme}.png", optimize=True)
        everything = tmp_path / "all.vtt"
        export_transcript(display, window, everything)
    first, cues = parse_vtt(some.read_text()), parse_vtt(everything.read_text())
    assert first and cues[: len(first)] == first, "what was written stays"
    assert cues[0][0] == 0 and cues[-1][1] == pytest.approx(60_000 * MINUTES, abs=2)
    assert all(one[1] == other[0] for one, other in itertools.pairwise(cues)), "no gap and no repeat"
