"""How a part of a picture is drawn, moved and sized: always inside the picture, never without area."""

from __future__ import annotations

from typing import TypeAlias

from app.state.attachments import Place

Grip: TypeAlias = tuple[int, int]
"""Which edges are taken, down and across: -1 the first, 1 the last, 0 none; (0, 0) is the whole part."""
INSIDE: Grip = (0, 0)
LEAST = 8.0
"""The smallest side, of the grid's 1000."""
GRIPS: tuple[Grip, ...] = tuple(
    (down, across) for down in (-1, 0, 1) for across in (-1, 0, 1) if (down, across) != INSIDE
)


def drawn(start: tuple[float, float], end: tuple[float, float]) -> Place:
    """The part between two corners, each down and across."""
    top, bottom = _span(start[0], end[0])
    left, right = _span(start[1], end[1])
    return top, left, bottom, right


def moved(part: Place, down: float, across: float) -> Place:
    """The same part elsewhere."""
    top, left, bottom, right = part
    down = min(max(down, -top), 1000 - bottom)
    across = min(max(across, -left), 1000 - right)
    return top + down, left + across, bottom + down, right + across


def resized(part: Place, grip: Grip, down: float, across: float) -> Place:
    """Some of its edges elsewhere; an edge that is taken past its opposite stops there."""
    if grip == INSIDE:
        return moved(part, down, across)
    top, left, bottom, right = part
    if grip[0] < 0:
        top = min(max(top + down, 0.0), bottom - LEAST)
    elif grip[0] > 0:
        bottom = max(min(bottom + down, 1000.0), top + LEAST)
    if grip[1] < 0:
        left = min(max(left + across, 0.0), right - LEAST)
    elif grip[1] > 0:
        right = max(min(right + across, 1000.0), left + LEAST)
    return top, left, bottom, right


def _span(one: float, other: float) -> tuple[float, float]:
    low, high = sorted((min(max(one, 0.0), 1000.0), min(max(other, 0.0), 1000.0)))
    if high - low >= LEAST:
        return low, high
    low = min(low, 1000.0 - LEAST)
    return low, low + LEAST
