"""Finds and drags the line between screenshot and page."""

from __future__ import annotations

import time

import numpy as np
from PIL import Image

from tests.e2e.display import SIZE, Display
from tests.e2e.window import Window

_ALIKE = 6  # per channel: how far the pixels of one line may be apart
_LEAST = 120  # pixels of the window: no other line of such a colour is as long
_HANDLE = 48  # pixels: how far the handle interrupts it, at most
_COLOURED = 110  # between the least and the greatest channel, which tells the accent from grey and from pale grounds


def line_at(grab: Image.Image) -> tuple[int, int]:
    """The middle of the line: of the column that has the most of one strong colour, which the handle interrupts.

    Raises:
        AssertionError: there is none.
    """
    pixels = np.asarray(grab.convert("RGB"), np.int16)
    coloured = pixels.max(axis=2) - pixels.min(axis=2) >= _COLOURED
    alike = (np.abs(np.diff(pixels, axis=0)).max(axis=2) <= _ALIKE) & coloured[1:]
    x = int(alike.sum(axis=0).argmax())
    rows = np.flatnonzero(alike[:, x])
    rows = max(np.split(rows, np.flatnonzero(np.diff(rows) > _HANDLE) + 1), key=len)  # buttons may stand below it
    assert len(rows) >= _LEAST, "there is no line between screenshot and page"
    return x, int(rows[0] + rows[-1]) // 2


def drag_line(display: Display, window: Window, at: tuple[int, int], to_x: int) -> None:
    """Take the line and carry it along."""
    left, top = window.box[:2]
    y = top + at[1] + 40  # below the handle
    display.do("mousemove", left + at[0], y)
    time.sleep(0.1)
    display.do("mousedown", 1)
    for step in range(1, 9):
        display.do("mousemove", left + at[0] + (to_x - at[0]) * step // 8, y)
        time.sleep(0.04)
    display.do("mouseup", 1)
    display.do("mousemove", SIZE[0] - 1, SIZE[1] - 1)  # what the pointer is on looks different
    time.sleep(0.3)
