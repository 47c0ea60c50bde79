"""A second program drags a picture onto the window, and boxes are on it before the answer is over."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.display import Display, Grab
from tests.e2e.drag import drop
from tests.e2e.pixels import boxes_seen
from tests.e2e.shapes import SHAPES
from tests.e2e.window import Window, wait_until

QUESTION = "Detect all objects."
APPEARS, TRIES = 0.15, 3
"""Seconds after which a box is to be seen, though not whole yet; and answers that are watched at most."""


def watch(window: Window, sent: float, seconds: float = 30) -> list[Grab]:
    """Looks at the window again and again until the answer is over and has been seen."""
    grabs: list[Grab] = []
    while not window.happened("TurnFinished", since=sent):
        assert time.monotonic() < sent + seconds, "the answer does not end"
        grabs.append(window.grab())
        time.sleep(0.015)
    time.sleep(0.4)  # boxes fade in
    return [*grabs, window.grab()]


def see_boxes_stream(display: Display, window: Window, picture: Path) -> list[Grab]:
    """Drops, asks, watches; asserts that boxes are seen before the end and all of them after it.

    An answer takes less than half a second. Where a busy machine leaves no moment of it to look at, there is another.
    """
    for _ in range(TRIES):
        assert drop(display, [picture], *window.middle) == "CopyAction"
        window.wait_for("ready", 10)
        wait_until(lambda: not boxes_seen(window.grab().picture), 2, "a picture without boxes")
        sent = window.ask(QUESTION)
        grabs = watch(window, sent)
        found, finished = (window.wait_for(what, 1, since=sent).at for what in ("BoxFound", "TurnFinished"))
        assert len(boxes_seen(grabs[-1].picture)) == len(SHAPES)
        live = [grab for grab in grabs if found + APPEARS < grab.began and grab.ended < finished]
        if live:
            assert all(boxes_seen(grab.picture) for grab in live)
            return grabs
        window.press("ctrl+n")
    raise AssertionError(f"in none of {TRIES} answers could the window be looked at")


def test_boxes_are_seen_before_the_answer_is_over(display: Display, window: Window, six_shapes: Path) -> None:
    see_boxes_stream(display, window, six_shapes)


@pytest.mark.full
@pytest.mark.parametrize("run", range(1, 11))
def test_boxes_are_seen_before_the_answer_is_over_every_time(
    display: Display, window: Window, six_shapes: Path, run: int
) -> None:
    see_boxes_stream(display, window, six_shapes)
