"""A page's fidelity to its screenshot, in figures of 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mlx_gemma4.page.alignment import Alignment
from mlx_gemma4.page.blocks import Blocks
from mlx_gemma4.page.matching import Matches

Array: TypeAlias = np.ndarray
_FRAME = 0.1  # what a frame counts, beside what stands in it
_PAPER = 0.2  # and what the colour behind a block counts, beside its own
WEIGHTS = (0.25, 0.3, 0.25, 0.2)  # of layout, position, colour and edges


@dataclass(frozen=True)
class Figures:
    """How alike two pictures of a page are; 1 throughout for the same.

    Attributes:
        layout: the part of all blocks' areas that is of blocks that match, and less if the heights differ.
        position: how near those are.
        colour: how near their colours are.
        edges: how alike their shapes are, and how many edges of the pictures fall together.
    """

    layout: float
    position: float
    colour: float
    edges: float

    @property
    def fidelity(self) -> float:
        """All of them together."""
        return float(np.dot(WEIGHTS, (self.layout, self.position, self.colour, self.edges)))


def measure(
    matches: Matches, edges: tuple[Array, Array], alignment: Alignment, apart: Array, heights: tuple[int, int]
) -> Figures:
    """The figures of a screenshot and a rendering.

    Args:
        matches: their blocks.
        edges: of each; bool [H, W].
        alignment: of their rows.
        apart: CIEDE2000 between aligned pixels; [K, W].
        heights: of each, in pixels.
    """
    one, other = matches.screenshot, matches.rendering
    contours = _contours(*edges, alignment)
    as_high = (min(heights) / max(heights)) ** 0.5
    if not len(one) and not len(other):
        return Figures(as_high, 1.0, 1 - float(np.minimum(apart, 100).mean()) / 100, contours)
    if not len(matches.left):
        return Figures(0.0, 0.0, 0.0, contours / 2)
    counts = np.where(one.frames[matches.left], _FRAME, 1.0)
    away = (np.abs(one.centres[matches.left] - other.centres[matches.right]) / edges[0].shape).max(axis=1)
    off = np.minimum((1 - _PAPER) * matches.inks + _PAPER * matches.papers, 100) / 100
    matched = _areas(one)[matches.left].sum() + _areas(other)[matches.right].sum()
    return Figures(
        layout=float(matched / (_areas(one).sum() + _areas(other).sum()) * as_high),
        position=float(1 - np.average(away, weights=counts)),
        colour=float(1 - np.average(off, weights=counts)),
        edges=float((np.average(matches.shapes, weights=counts) + contours) / 2),
    )


def _areas(blocks: Blocks) -> Array:
    return blocks.sizes.prod(axis=1) * np.where(blocks.frames, _FRAME, 1.0)


def _contours(one: Array, other: Array, alignment: Alignment) -> float:
    """The part of both pictures' edges that the other has, too, within a pixel."""
    laid, beside = (
        edges[np.maximum(rows, 0)] & (rows >= 0)[:, None]
        for edges, rows in ((one, alignment.screenshot), (other, alignment.rendering))
    )
    every = int(laid.sum()) + int(beside.sum())
    shared = int((laid & _wider(beside)).sum()) + int((beside & _wider(laid)).sum())
    return shared / every if every else 1.0


def _wider(mask: Array) -> Array:
    """The mask and the eight pixels around each of its own."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    wider = wide.copy()
    wider[:, 1:] |= wide[:, :-1]
    wider[:, :-1] |= wide[:, 1:]
    return wider
