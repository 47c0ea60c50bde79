"""Where two aligned pictures of a page differ, as a few boxes in order of how much."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from mlx_gemma4.page.components import component_boxes
from mlx_gemma4.protocol.events import DifferentRegion

Array: TypeAlias = np.ndarray
MOST = 12
_REACH = (3, 7)  # rows and columns: differences as near as this are one
_LEAST = 150.0  # CIEDE2000 summed over a region's pixels; the rims of a few letters come to less
_HALF = 20_000.0  # and what has half the greatest strength


def find_regions(apart: Array, weights: Array) -> tuple[Array, Array]:
    """Boxes (top, left, bottom, right; int [N, 4]) around what differs, and their strengths (0–1), strongest first.

    Args:
        apart: how far apart pixels are; [K, W].
        weights: how much each counts; [K, W].
    """
    boxes = component_boxes(_grown(apart > 0))
    if len(boxes):
        down, across = _REACH
        boxes[:, 2] -= down
        boxes[:, 3] -= across
    amounts = _sums(apart * weights, boxes)
    keep = (amounts >= _LEAST) & ~_inside_others(boxes)
    order = np.argsort(-amounts[keep], kind="stable")[:MOST]
    boxes, amounts = boxes[keep][order], amounts[keep][order]
    return boxes, amounts / (amounts + _HALF)


def on_grid(boxes: Array, strengths: Array, places: Array, width: int, height: int) -> tuple[DifferentRegion, ...]:
    """The regions on a rendering of this size.

    Args:
        boxes: in rows of pictures laid side by side.
        strengths: of the boxes.
        places: row of the rendering at which each of those is shown; [K].
        width: in pixels.
        height: in pixels.
    """
    found = []
    for (top, left, bottom, right), strength in zip(boxes, strengths, strict=True):
        first = min(int(places[top:bottom].min()), height - 1)
        last = min(int(places[top:bottom].max()), height - 1) + 1
        box = (_grid(first, height), _grid(left, width), _grid(last, height), _grid(right, width))
        found.append(DifferentRegion(box, float(strength)))
    return tuple(found)


def _grid(edge: int, side: int) -> int:
    return round(1000 * int(edge) / side)


def _grown(mask: Array) -> Array:
    """The mask, each pixel reaching down and to the right."""
    down, across = _REACH
    grown = np.zeros((mask.shape[0] + down, mask.shape[1] + across), bool)
    for step in range(down + 1):
        grown[step : step + len(mask), : mask.shape[1]] |= mask
    rows = grown[:, : mask.shape[1]].copy()
    for step in range(1, across + 1):
        grown[:, step : step + mask.shape[1]] |= rows
    return grown


def _sums(values: Array, boxes: Array) -> Array:
    """Of the values in each box."""
    table = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    table[1:, 1:] = values.cumsum(0, dtype=float).cumsum(1)
    top, left, bottom, right = boxes.T
    return table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]


def _inside_others(boxes: Array) -> Array:
    top, left, bottom, right = (boxes[:, side, None] for side in range(4))
    inside = (top >= boxes[:, 0]) & (left >= boxes[:, 1]) & (bottom <= boxes[:, 2]) & (right <= boxes[:, 3])
    inside &= (top != boxes[:, 0]) | (left != boxes[:, 1]) | (bottom != boxes[:, 2]) | (right != boxes[:, 3])
    return inside.any(axis=1)
