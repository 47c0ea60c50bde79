"""Two pictures of a page on one canvas: of a common width, and as high as the higher of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

Array: TypeAlias = np.ndarray
WIDEST = 640
MOST_PIXELS = 1_000_000


@dataclass(frozen=True)
class Canvas:
    """Both pictures as 8-bit RGB of the same shape.

    Attributes:
        screenshot: what is to be matched.
        rendering: what was made of it.
        screenshot_height: rows that the picture has itself; those below are its background.
        rendering_height: likewise.
    """

    screenshot: Array
    rendering: Array
    screenshot_height: int
    rendering_height: int


def lay_out(screenshot: Image.Image, rendering: Image.Image) -> Canvas:
    """Both pictures scaled down to one width, which makes it no matter how many pixels a screen has to a CSS pixel."""
    steepest = max(picture.height / picture.width for picture in (screenshot, rendering))
    width = min(WIDEST, screenshot.width, rendering.width, round((MOST_PIXELS / steepest) ** 0.5))
    one, other = _scaled(screenshot, max(width, 1)), _scaled(rendering, max(width, 1))
    height = max(len(one), len(other))
    return Canvas(_padded(one, height), _padded(other, height), len(one), len(other))


def _scaled(picture: Image.Image, width: int) -> Array:
    if picture.width == width:
        return np.asarray(picture)
    height = max(round(picture.height * width / picture.width), 1)
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX))


def _padded(pixels: Array, height: int) -> Array:
    """More of what the last row mostly is."""
    if len(pixels) == height:
        return pixels
    shades, counts = np.unique(pixels[-1], axis=0, return_counts=True)
    filler = np.broadcast_to(shades[counts.argmax()], (height - len(pixels), *pixels.shape[1:]))
    return np.concatenate((pixels, filler))
