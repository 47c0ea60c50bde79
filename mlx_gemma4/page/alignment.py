"""Which rows of a screenshot and of a rendering belong together, where something between them is missing or too much.

Letters: H rows of both pictures, K rows of both laid side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
_BINS = 80  # parts of a row that are told apart
# Costs, in units of Lab. A row without a partner costs what tells it from an empty one, between these:
_LEAST_GAP, _MOST_GAP = 0.5, 4.0
_OPENING = 12.0  # to begin to have no partner
_WORST = 4.5  # two rows side by side, at most: no more than one with something in it and an empty one, both left out
_FAR = np.float32(1e9)
_MATCH, _DELETE, _INSERT = np.arange(3, dtype=np.uint8)


@dataclass(frozen=True)
class Alignment:
    """Rows side by side, K of them; both columns rise, and every row of both pictures is there once.

    Attributes:
        screenshot: row of the screenshot, −1 where it has none; int [K].
        rendering: row of the rendering, −1 where it has none; int [K].
    """

    screenshot: Array
    rendering: Array

    @property
    def places(self) -> Array:
        """Where each is on the rendering; what is missing there lies over what follows, from where it should begin."""
        has = self.rendering >= 0
        last = np.maximum.accumulate(np.where(has, np.arange(len(has)), -1))
        begun = np.where(last >= 0, self.rendering[last], -1)
        return begun + np.arange(len(has)) - last

    def rows_of(self, column: Array, height: int) -> Array:
        """The index among K of each row of a picture, given its column of this; int [height]."""
        index = np.zeros(height, np.int64)
        index[column[column >= 0]] = np.flatnonzero(column >= 0)
        return index


def align(screenshot: Array, rendering: Array) -> Alignment:
    """The cheapest way to lay the rows of two pictures (Lab [H, W, 3]) side by side."""
    height = len(screenshot)
    same = (screenshot == rendering).all(axis=(1, 2))
    if same.all():
        return Alignment(np.arange(height), np.arange(height))
    top = int(same.argmin())  # nothing can be gained where pictures begin alike
    one, other = _rows(screenshot)[top:], _rows(rendering)[top:]
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * one @ other.T
    costs = np.minimum(np.sqrt(np.maximum(squares, 0)), _WORST)
    below = _trace(*_choices(costs, *(_gaps(rows) for rows in (one, other))))
    beside = np.concatenate((np.repeat(np.arange(top)[:, None], 2, axis=1), np.where(below < 0, -1, below + top)))
    return Alignment(beside[:, 0], beside[:, 1])


def _rows(lab: Array) -> Array:
    """What stands out from the paper in each row, whatever its colours; [H, bins·3], to be told apart by distance."""
    height, width, _ = lab.shape
    apart = np.abs(lab - _paper_of(lab))
    bins = min(_BINS, width)
    edges = np.linspace(0, width, bins + 1).astype(int)
    sums = np.add.reduceat(apart, edges[:-1], axis=1)
    return (sums / np.diff(edges)[:, None]).reshape(height, -1) / np.sqrt(bins)


def _gaps(rows: Array) -> Array:
    """What it costs to leave out each row of a picture; [H]."""
    return np.clip(np.linalg.norm(rows, axis=1), _LEAST_GAP, _MOST_GAP)


def _paper_of(lab: Array) -> Array:
    """The colour that most of a picture has; float [3]."""
    shades = np.round(lab[::2, ::2]).astype(np.int64).reshape(-1, 3) + 128
    codes = (shades[:, 0] << 20) | (shades[:, 1] << 10) | shades[:, 2]
    values, counts = np.unique(codes, return_counts=True)
    most = int(values[counts.argmax()])
    return np.array((most >> 20, (most >> 10) & 1023, most & 1023), np.float32) - 128


def _choices(costs: Array, row_gaps: Array, column_gaps: Array) -> tuple[Array, int]:
    """For every pair of rows and each way to arrive at it, the way before; and the best way at the end.

    Ways are packed into a byte, two bits each.
    """
    high, wide = costs.shape
    choices = np.zeros((high + 1, wide + 1), np.uint8)
    steps = np.append(np.float32(0), np.cumsum(column_gaps, dtype=np.float32))
    match, delete, insert = _start(steps)
    choices[0, 2:] = _INSERT << 4
    for row in range(1, high + 1):
        best = np.minimum(match, delete)
        from_match = np.where(insert < best, _INSERT, np.where(delete < match, _DELETE, _MATCH))
        best = np.minimum(best, insert)
        from_delete = np.where(delete < best + _OPENING, _DELETE, np.where(insert < match, _INSERT, _MATCH))
        delete = np.minimum(delete, best + _OPENING) + row_gaps[row - 1]
        match = np.append(_FAR, best[:-1] + costs[row - 1])
        # an insertion may begin behind any earlier pair of this row
        starts = np.minimum(match, delete) + _OPENING - steps
        earliest = np.minimum.accumulate(starts)[:-1]
        insert = np.append(_FAR, earliest + steps[1:])
        begun = np.where(delete < match, _DELETE, _MATCH)[:-1]
        choices[row] = from_delete << 2
        choices[row, 1:] |= from_match[:-1] | np.where(earliest < starts[:-1], _INSERT, begun) << 4
    return choices, int(np.argmin((match[-1], delete[-1], insert[-1])))


def _start(steps: Array) -> tuple[Array, Array, Array]:
    """The costs of having come to each row of the rendering, and none of the screenshot: by way of insertions alone."""
    match, delete = np.full((2, len(steps)), _FAR)
    match[0] = 0
    insert = steps + np.float32(_OPENING)
    insert[0] = _FAR
    return match, delete, insert


def _trace(choices: Array, way: int) -> Array:
    """The rows side by side, −1 for none; int [K, 2]."""
    row, column = choices.shape[0] - 1, choices.shape[1] - 1
    found = []
    while row or column:
        before = int(choices[row, column]) >> 2 * way & 3
        row, column = row - (way != _INSERT), column - (way != _DELETE)
        found.append((row if way != _INSERT else -1, column if way != _DELETE else -1))
        way = before
    return np.array(found[::-1], np.int64).reshape(-1, 2)
