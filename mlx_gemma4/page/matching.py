"""Which block of a rendering is which block of the screenshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mlx_gemma4.page.blocks import Blocks
from mlx_gemma4.page.colours import difference

Array: TypeAlias = np.ndarray
_LEAST = 0.3  # likeness of blocks that match; the same shape, size and place have 1
_SIZE, _PLACE = 0.5, 0.5  # what a size e times as large, and the whole page between, take off
_MOST_PAIRS = 200_000
_SAME_SHAPE, _SAME_COLOUR = 0.98, 4.0


@dataclass(frozen=True)
class Matches:
    """Blocks of a screenshot and of a rendering that match one to one, N pairs, the likest first.

    Attributes:
        screenshot: all of its blocks.
        rendering: all of its blocks.
        left: the index of each pair's block in the screenshot; int [N].
        right: in the rendering; int [N].
        shapes: how alike their shapes are, 0–1; [N].
    """

    screenshot: Blocks
    rendering: Blocks
    left: Array
    right: Array
    shapes: Array

    @property
    def inks(self) -> Array:
        """CIEDE2000 between what stands out in them; [N]."""
        return difference(self.screenshot.ink[self.left], self.rendering.ink[self.right])

    @property
    def papers(self) -> Array:
        """CIEDE2000 between what is behind it; [N]."""
        return difference(self.screenshot.paper[self.left], self.rendering.paper[self.right])

    @property
    def same(self) -> Array:
        """Which pairs are one thing that has at most moved; bool [N]."""
        growth = np.abs(self.screenshot.sizes[self.left] - self.rendering.sizes[self.right]).max(axis=1)
        alike = (self.shapes > _SAME_SHAPE) & (growth <= 1)
        return alike & (self.inks < _SAME_COLOUR) & (self.papers < _SAME_COLOUR)


def match(screenshot: Blocks, rendering: Blocks, height: int, width: int) -> Matches:
    """Match blocks by shape, size and place."""
    shapes = np.round(screenshot.shapes @ rendering.shapes.T, 5)  # the same shape has 1
    # those without a shape of their own are alike
    shapes[np.ix_(~screenshot.shapes.any(axis=1), ~rendering.shapes.any(axis=1))] = 1
    stretch = np.abs(np.log(screenshot.sizes[:, None] / rendering.sizes[None])).sum(axis=-1)
    away = (np.abs(screenshot.centres[:, None] - rendering.centres[None]) / (height, width)).max(axis=-1)
    alike = shapes - _SIZE * stretch - _PLACE * away
    alike[screenshot.frames[:, None] != rendering.frames] -= 1
    left, right = _best_pairs(alike).T
    return Matches(screenshot, rendering, left, right, np.clip(shapes[left, right], 0, 1))


def _best_pairs(alike: Array) -> Array:
    """Greedily, the likest first; int [N, 2]."""
    candidates = np.flatnonzero(alike.ravel() >= _LEAST)
    order = candidates[np.argsort(-alike.ravel()[candidates], kind="stable")][:_MOST_PAIRS]
    taken_rows, taken_columns = set[int](), set[int]()
    pairs = []
    for row, column in zip(*(index.tolist() for index in np.unravel_index(order, alike.shape)), strict=True):
        if row not in taken_rows and column not in taken_columns:
            taken_rows.add(row)
            taken_columns.add(column)
            pairs.append((row, column))
    return np.array(pairs, np.int64).reshape(-1, 2)
