"""The picture of what differs: the rendering, pale, under red."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from PIL import Image

Array: TypeAlias = np.ndarray
LONGEST_SIDE = 4096
_RED = (224, 36, 94)
_PALE = 0.3  # what is left of the rendering's contrast with white
_STRONG = 40.0  # CIEDE2000 from which on a difference is shown in full


def draw_difference(rendering: Image.Image, apart: Array) -> Image.Image:
    """The picture, of the rendering's shape and size; of at most `LONGEST_SIDE` pixels along a side."""
    drawn = rendering.copy()
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = Image.blend(Image.new("RGB", drawn.size, "white"), drawn, _PALE)
    cover = np.where(apart > 0, 96 + 159 * np.minimum(apart / _STRONG, 1), 0).astype(np.uint8)
    mask = Image.fromarray(cover).resize(drawn.size, Image.Resampling.BILINEAR)
    drawn.paste(_RED, (0, 0, *drawn.size), mask)
    return drawn
