"""How soon the window is there, and what it is good for before the model is."""

from __future__ import annotations

import time
from pathlib import Path

from tests.e2e.display import Display
from tests.e2e.pixels import difference, mean_brightness
from tests.e2e.window import Window, wait_until

PAINT_SECONDS = 3.0
ANSWER_SECONDS = 8.0


def test_the_window_paints_and_answers_soon_after_the_start(display: Display, tmp_path: Path) -> None:
    with Window(display, tmp_path) as _:
        pass  # the first start after an install or a boot reads hundreds of megabytes from the disk
    again = tmp_path / "again"
    again.mkdir()
    with Window(display, again) as window:
        painted = wait_until(lambda: mean_brightness(window.grab().picture) > 128, PAINT_SECONDS, "first paint")
        before = window.grab().picture
        window.type("Hello")
        usable = wait_until(lambda: difference(before, window.grab().picture) > 0.0002, 1.0, "typed words show")
        window.press("Return")
        finished = window.wait_for("TurnFinished", ANSWER_SECONDS)
    assert painted - window.started <= PAINT_SECONDS
    assert finished.at - window.started <= ANSWER_SECONDS
    print(f"painted {painted - window.started:.2f} s, usable {usable - window.started:.2f} s, ", end="")
    print(f"answered {finished.at - window.started:.2f} s after the start")


def test_a_question_asked_while_the_model_loads_is_answered_when_it_has(display: Display, tmp_path: Path) -> None:
    with Window(display, tmp_path) as window:
        time.sleep(0.1)
        window.ask("Hello")
        ready = window.wait_for("ModelReady", 20)
        finished = window.wait_for("TurnFinished", 20)
    assert finished.at > ready.at
