"""However the window ends, two seconds later its engine is gone too, and all that the engine started."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.drag import drop
from tests.e2e.window import Window, is_alive, wait_until

SECONDS = 2.0


@pytest.mark.parametrize("way", ["closed", signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_its_window(window: Window, way: str | signal.Signals) -> None:
    family = window.family()
    assert window.engines()
    if isinstance(way, signal.Signals):
        window.process.send_signal(way)
    else:
        window.close()
    wait_until(lambda: not any(map(is_alive, family)), SECONDS, "the engine and its workers end")
    wait_until(lambda: window.process.poll() is not None, SECONDS, "the window ends")


@pytest.mark.full
def test_nothing_outlives_a_window_killed_in_mid_answer(display: Display, window: Window, six_shapes: Path) -> None:
    drop(display, [six_shapes], *window.middle)
    window.wait_for("ready", 10)
    family = window.family()
    sent = window.ask("Detect all objects.")
    window.wait_for("PromptProgress", 10, since=sent)
    window.process.kill()
    wait_until(lambda: not any(map(is_alive, family)), SECONDS, "the engine and its workers end")
