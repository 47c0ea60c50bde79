"""Stop ends an answer at once, and nothing of it reaches the window afterwards."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.drag import drop
from tests.e2e.pixels import difference
from tests.e2e.window import Entry, Window

STOP_SECONDS, TRIES = 0.2, 3
WORDS = ("TextDelta", "ThoughtDelta", "BoxFound")


@pytest.mark.parametrize("delay", [0.05, 0.15, pytest.param(0.1, marks=pytest.mark.full)])
def test_nothing_of_a_stopped_answer_reaches_the_window(
    display: Display, window: Window, six_shapes: Path, delay: float
) -> None:
    drop(display, [six_shapes], *window.middle)
    window.wait_for("ready", 10)
    end, stopping = next(filter(None, (_stopped(window, delay) for _ in range(TRIES))))
    print(f"stopped after {end.at - stopping.at:.3f} s")
    assert end.at - stopping.at < STOP_SECONDS
    time.sleep(0.3)
    still = window.grab().picture
    time.sleep(0.7)
    assert difference(still, window.grab().picture) < 0.001
    assert not [entry for entry in window.diary() if entry.at > end.at and entry.what in WORDS]


def _stopped(window: Window, delay: float) -> tuple[Entry, Entry] | None:
    """The end of an answer and when it was stopped; None where it was over before the key was there.

    That is so now and then on a machine that is busy with other things.
    """
    sent = window.ask("Detect all objects.")
    window.wait_for("PromptProgress", 10, since=sent)
    time.sleep(delay)
    window.press("Escape")
    pressed = time.monotonic()
    end = window.wait_for("TurnFinished", 5, since=sent)
    stopping = next((entry for entry in window.diary() if entry.what == "answer stopping"), None)
    if stopping is None:
        assert end.at - pressed < STOP_SECONDS, "the key was there in time, and nothing stopped"
        return None
    return end, stopping
