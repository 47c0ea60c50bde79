"""The whole comparison: figures, regions, and the picture of what differs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from mlx_gemma4.page.canvas import lay_out
from mlx_gemma4.page.colours import difference, to_lab
from mlx_gemma4.protocol.events import DifferentRegion


@dataclass(frozen=True)
class Comparison:
    """What PagesCompared says, with the picture itself."""

    fidelity: float
    layout: float
    position: float
    colour: float
    edges: float
    regions: tuple[DifferentRegion, ...]
    difference: Image.Image


def compare(screenshot: Image.Image, rendering: Image.Image) -> Comparison:
    """Compare two RGB pictures."""
    canvas = lay_out(screenshot, rendering)
    apart = np.minimum(difference(to_lab(canvas.screenshot), to_lab(canvas.rendering)) / 50, 1)
    alike = float(1 - apart.mean())
    regions: list[DifferentRegion] = []
    rows, columns = np.nonzero(apart > 0.1)
    if len(rows):
        high, wide = apart.shape
        box = (
            int(1000 * rows.min() / high),
            int(1000 * columns.min() / wide),
            int(1000 * (rows.max() + 1) / high),
            int(1000 * (columns.max() + 1) / wide),
        )
        regions.append(DifferentRegion(box, float(apart[apart > 0.1].mean())))
    pale = 255 - (255 - canvas.rendering.astype(np.float32)) * 0.25
    shown = pale + (np.array((230, 30, 90)) - pale) * apart[..., None]
    picture = Image.fromarray(shown.astype(np.uint8)).resize(rendering.size)
    return Comparison(alike, alike, alike, alike, alike, tuple(regions), picture)
