"""The whole comparison: figures, regions, and the picture of what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

from mlx_gemma4.page.alignment import Alignment, align
from mlx_gemma4.page.blocks import find_blocks, find_edges
from mlx_gemma4.page.canvas import Canvas, lay_out
from mlx_gemma4.page.colours import to_lab
from mlx_gemma4.page.differences import differences
from mlx_gemma4.page.fidelity import Figures, measure
from mlx_gemma4.page.matching import Matches, match
from mlx_gemma4.page.picture import draw_difference
from mlx_gemma4.page.regions import find_regions, on_grid
from mlx_gemma4.protocol.events import DifferentRegion

Array: TypeAlias = np.ndarray
_MOVED = 0.03  # what counts of a difference where a block has only moved


@dataclass(frozen=True)
class Comparison:
    """What a comparison has found.

    Attributes:
        figures: how alike the pictures are.
        regions: where they differ, on the rendering; strongest first.
        difference: the rendering, pale, with what differs in colour.
    """

    figures: Figures
    regions: tuple[DifferentRegion, ...]
    difference: Image.Image


def compare(screenshot: Image.Image, rendering: Image.Image) -> Comparison:
    """Compare two RGB pictures."""
    canvas = lay_out(screenshot, rendering)
    labs = to_lab(canvas.screenshot), to_lab(canvas.rendering)
    edges = find_edges(labs[0]), find_edges(labs[1])
    blocks = find_blocks(labs[0], edges[0]), find_blocks(labs[1], edges[1])
    alignment = align(*labs)
    matches = match(*blocks, *edges[0].shape)
    apart = differences(*labs, alignment)
    found = find_regions(apart, _weights(apart.shape, matches, alignment, len(labs[0])))
    heights = canvas.screenshot_height, canvas.rendering_height
    return Comparison(
        measure(matches, edges, alignment, apart, heights),
        on_grid(*found, alignment.places, labs[1].shape[1], canvas.rendering_height),
        draw_difference(rendering, _on_rendering(apart, alignment, canvas)),
    )


def _weights(shape: tuple[int, ...], matches: Matches, alignment: Alignment, height: int) -> Array:
    """How much differences count: less where a block of one picture has its like elsewhere in the other."""
    weights = np.ones(shape, np.float32)
    screenshot = alignment.rows_of(alignment.screenshot, height)
    rendering = alignment.rows_of(alignment.rendering, height)
    same = matches.same
    boxes = matches.screenshot.boxes[matches.left[same]], matches.rendering.boxes[matches.right[same]]
    for (top, left, bottom, right), (top2, left2, bottom2, right2) in zip(*boxes, strict=True):
        rows, rows2 = screenshot[[top, bottom - 1]], rendering[[top2, bottom2 - 1]]
        if max(*np.abs(rows - rows2), abs(left - left2), abs(right - right2)) > 1:
            weights[rows[0] : rows[1] + 1, left:right] = _MOVED
            weights[rows2[0] : rows2[1] + 1, left2:right2] = _MOVED
    return weights


def _on_rendering(apart: Array, alignment: Alignment, canvas: Canvas) -> Array:
    """How far the rendering's pixels are from the screenshot's; what it lacks shows where it should begin."""
    shown = np.zeros((canvas.rendering_height, apart.shape[1]), np.float32)
    inside = alignment.places < canvas.rendering_height
    np.maximum.at(shown, alignment.places[inside], apart[inside])
    return shown
