"""What can be told from a grab of the window by its pixels alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from tests.e2e.shapes import GROUND, SHAPES, SIZE, Shape

BOX_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
"""Okabe and Ito's without black, which boxes are drawn in."""
_NEAR = 12  # per channel: how far the colour of a line may be off
_FLAT = 3  # the same for the picture's ground, which is shown as it is
_REACH = 5  # pixels of the window around the true edge in which its line is looked for
_COVERED = 0.6  # of an edge's length that has to be line


@dataclass(frozen=True)
class Place:
    """Where in a grab the six shapes are shown; one pixel of the file is `scale` pixels of the window."""

    left: int
    top: int
    scale: float

    def of(self, shape: Shape) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of a shape in the grab."""
        left, top, right, bottom = (round(value * self.scale) for value in shape.box)
        return self.left + left, self.top + top, self.left + right, self.top + bottom


def mean_brightness(picture: Image.Image) -> float:
    """0 for black, 255 for white."""
    return float(np.asarray(picture.convert("L"), np.float32).mean())


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels, 0 to 1, that differ visibly."""
    a, b = (np.asarray(picture.convert("RGB"), np.int16) for picture in (one, other))
    return float((np.abs(a - b).max(axis=2) > 16).mean())


def find_picture(grab: Image.Image) -> Place | None:
    """Where the six shapes are shown large; thumbnails do not count."""
    ground = _is_near(np.asarray(grab.convert("RGB"), np.int16), GROUND, _FLAT)
    rows = _long_run(ground.sum(axis=1))
    if rows is None:
        return None
    columns = _long_run(ground[rows[0] : rows[1]].sum(axis=0))
    if columns is None or columns[1] - columns[0] < 250:
        return None
    return Place(columns[0], rows[0], (columns[1] - columns[0]) / SIZE[0])


def boxes_seen(grab: Image.Image) -> list[Shape]:
    """The shapes around which a box is drawn: lines of one of the box colours along at least three true edges."""
    place = find_picture(grab)
    if place is None:
        return []
    lines = _lines(np.asarray(grab.convert("RGB"), np.int16))
    return [shape for shape in SHAPES if _is_boxed(lines, place.of(shape))]


def _is_near(pixels: np.ndarray, colour: tuple[int, int, int], tolerance: int) -> np.ndarray:
    return np.abs(pixels - np.array(colour, np.int16)).max(axis=2) <= tolerance


def _lines(pixels: np.ndarray) -> np.ndarray:
    colours = [tuple(int(text[at : at + 2], 16) for at in (1, 3, 5)) for text in BOX_COLOURS]
    return np.stack([_is_near(pixels, (red, green, blue), _NEAR) for red, green, blue in colours]).max(axis=0)


def _long_run(counts: np.ndarray) -> tuple[int, int] | None:
    """From the first to behind the last row (or column) that has at least half as much as the fullest one."""
    full = np.flatnonzero(counts >= max(counts.max() * 0.5, 1))
    return (int(full[0]), int(full[-1]) + 1) if counts.max() else None


def _is_boxed(lines: np.ndarray, box: tuple[int, int, int, int]) -> bool:
    left, top, right, bottom = box
    across, down = slice(left, right), slice(top, bottom)
    edges = [
        lines[_around(top), across].any(axis=0),
        lines[_around(bottom), across].any(axis=0),
        lines[down, _around(left)].any(axis=1),
        lines[down, _around(right)].any(axis=1),
    ]
    return sum(edge.mean() >= _COVERED for edge in edges) >= 3


def _around(at: int) -> slice:
    return slice(max(at - _REACH, 0), at + _REACH + 1)
