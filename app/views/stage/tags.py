"""Where the label of each box goes: inside the picture, off small boxes, off other labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Edges: TypeAlias = tuple[float, float, float, float]
"""(left, top, right, bottom)"""

_GAP = 2.0  # from the middle of the line to its outer edge
_SMALL = 4.0  # a box of less than this many tags' area loses too much under one
_OVER_TAG, _OVER_SMALL_BOX, _OVER_LARGE_BOX, _LATER_CHOICE = 6.0, 3.0, 0.2, 0.02


@dataclass(frozen=True)
class Labelled:
    """A box in the view, and how large its label is."""

    box: Edges
    width: float
    height: float


def place_tags(boxes: Sequence[Labelled], bounds: Edges) -> list[Edges]:
    """A place for every label, in order; earlier ones keep theirs.

    All places are inside `bounds`, for labels that are no larger than that.
    """
    taken: list[Edges] = []
    for labelled in boxes:
        area = labelled.width * labelled.height
        places = [_inside(place, bounds) for place in _choices(labelled)]
        reach = _hull(places)
        hurt = [(tag, _OVER_TAG) for tag in taken if _overlap(tag, reach)]
        for other in boxes:
            edges = other.box if other is labelled else _with_line(other.box)
            if _overlap(edges, reach):
                hurt.append((edges, _weight(other.box, area)))
        costs = [
            index * _LATER_CHOICE + sum(_overlap(place, edges) * weight for edges, weight in hurt) / area
            for index, place in enumerate(places)
        ]
        taken.append(places[costs.index(min(costs))])
    return taken


def _choices(labelled: Labelled) -> list[Edges]:
    """From the likeliest to the last resort: above, below, beside, in the corner of the box itself."""
    left, top, right, bottom = labelled.box
    w, h = labelled.width, labelled.height
    above, below = top - h - 1, bottom + 1  # halo on halo
    start, end = left - _GAP, right + _GAP
    corners = [
        (start, above), (start, below), (end - w, above), (end - w, below),
        (end, top), (start - w, top), (end, bottom - h), (start - w, bottom - h),
        (left + _GAP, top + _GAP), (left + _GAP, bottom - h - _GAP),
    ]  # fmt: skip
    return [(x, y, x + w, y + h) for x, y in corners]


def _inside(place: Edges, bounds: Edges) -> Edges:
    left, top, right, bottom = place
    across = max(bounds[0] - left, 0.0) or min(bounds[2] - right, 0.0)
    down = max(bounds[1] - top, 0.0) or min(bounds[3] - bottom, 0.0)
    return left + across, top + down, right + across, bottom + down


def _hull(places: Sequence[Edges]) -> Edges:
    """What all of them together reach."""
    lefts, tops, rights, bottoms = zip(*places, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _with_line(box: Edges) -> Edges:
    return box[0] - _GAP, box[1] - _GAP, box[2] + _GAP, box[3] + _GAP


def _weight(box: Edges, tag_area: float) -> float:
    small = (box[2] - box[0]) * (box[3] - box[1]) < _SMALL * tag_area
    return _OVER_SMALL_BOX if small else _OVER_LARGE_BOX


def _overlap(one: Edges, other: Edges) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across * down if across > 0 and down > 0 else 0.0
