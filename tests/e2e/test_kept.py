"""The window is killed and started again: conversation, picture and boxes are there, and words are found."""

from __future__ import annotations

import time
from pathlib import Path

from tests.e2e.display import Display
from tests.e2e.drag import drop
from tests.e2e.pixels import boxes_seen
from tests.e2e.window import Window, wait_until

WRITTEN_SECONDS = 1.0


def test_what_was_on_the_screen_is_there_after_a_kill(
    display: Display, tmp_path: Path, six_shapes: Path, pictures: Path
) -> None:
    with Window(display, tmp_path) as window:
        window.wait_for("ModelReady", 20)
        drop(display, [six_shapes], *window.middle)
        window.wait_for("ready", 10)
        asked = window.ask("Detect all objects.")
        window.wait_for("TurnFinished", 20, since=asked)
        time.sleep(WRITTEN_SECONDS)
        before = boxes_seen(window.grab().picture)
        assert before
        window.process.kill()
        window.process.wait(10)
    copy = six_shapes.with_name("moved away.png")
    six_shapes.rename(copy)
    try:
        with Window(display, tmp_path) as window:
            window.wait_for("ModelReady", 20, since=window.started)
            window.wait_for("MediaProbed", 10, since=window.started)
            wait_until(lambda: len(boxes_seen(window.grab().picture)) == len(before), 5, "the boxes are there again")
            window.grab().picture.save(pictures / "kept.png", optimize=True)
            window.press("ctrl+k")
            window.type("detect")
            time.sleep(0.5)
            window.grab().picture.save(pictures / "search.png", optimize=True)
            window.press("Escape")
            asked = window.ask("Detect all objects.")
            window.wait_for("TurnFinished", 20, since=asked)
    finally:
        copy.rename(six_shapes)
