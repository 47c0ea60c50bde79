"""A second program drags a picture onto the window, and boxes are on it before the answer is over."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.display import Display, Grab
from tests.e2e.drag import drop
from tests.e2e.pixels import boxes_seen
from tests.e2e.shapes import SHAPES
from tests.e2e.window import Window

QUESTION = "Detect all objects."


def watch(window: Window, sent: float, seconds: float = 30) -> list[Grab]:
    """Looks at the window again and again until the answer is over and has been seen."""
    grabs: list[Grab] = []
    while not window.happened("TurnFinished", since=sent):
        assert time.monotonic() < sent + seconds, "the answer does not end"
        grabs.append(window.grab())
        time.sleep(0.015)
    time.sleep(0.4)  # boxes fade in
    return [*grabs, window.grab()]


def boxes_before_and_after_the_end(window: Window, grabs: list[Grab], sent: float) -> tuple[int, int]:
    """How many boxes the pixels show at most before `TurnFinished`, and how many in the last grab."""
    finished = window.wait_for("TurnFinished", 1, since=sent).at
    before = [grab for grab in grabs if grab.ended < finished]
    assert before, "no grab was taken before the end"
    return max(len(boxes_seen(grab.picture)) for grab in before[-12:]), len(boxes_seen(grabs[-1].picture))


def see_boxes_stream(display: Display, window: Window, picture: Path) -> list[Grab]:
    """Drops, asks, watches; asserts that boxes are seen before the end and all of them after it."""
    assert drop(display, [picture], *window.middle) == "CopyAction"
    window.wait_for("ready", 10)
    assert not boxes_seen(window.grab().picture)
    sent = window.ask(QUESTION)
    grabs = watch(window, sent)
    early, late = boxes_before_and_after_the_end(window, grabs, sent)
    assert late == len(SHAPES)
    assert early >= 1
    return grabs


def test_boxes_are_seen_before_the_answer_is_over(display: Display, window: Window, six_shapes: Path) -> None:
    see_boxes_stream(display, window, six_shapes)


@pytest.mark.full
@pytest.mark.parametrize("run", range(1, 11))
def test_boxes_are_seen_before_the_answer_is_over_every_time(
    display: Display, window: Window, six_shapes: Path, run: int
) -> None:
    see_boxes_stream(display, window, six_shapes)
