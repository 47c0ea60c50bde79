"""What can be told from a grab of the window by its pixels alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from tests.e2e.shapes import GROUND, SHAPES, SIZE, Shape

BOX_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
"""Okabe and Ito's without black, which boxes are drawn in."""
_NEAR = 20.0  # how far, in RGB, the colour of a line may be from all mixtures of ground and box colour
_FADED_IN = 0.5  # how much of a box's colour its line must have: boxes fade in
_FLAT = 3  # per channel: how far off the picture's ground may be, which is shown as it is
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
    pixels = np.asarray(grab.convert("RGB"), np.int16)
    ground = np.abs(pixels - np.array(GROUND, np.int16)).max(axis=2) <= _FLAT
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
    size = (round(SIZE[0] * place.scale), round(SIZE[1] * place.scale))
    picture = grab.convert("RGB").crop((place.left, place.top, place.left + size[0], place.top + size[1]))
    lines = _lines(np.asarray(picture, np.float32))
    alone = Place(0, 0, place.scale)
    return [shape for shape in SHAPES if _is_boxed(lines, alone.of(shape))]


def _lines(pixels: np.ndarray) -> np.ndarray:
    """Where the colour lies between the ground and a box colour, at least half way to the latter."""
    ground = np.array(GROUND, np.float32)
    away = pixels - ground
    found = np.zeros(pixels.shape[:2], bool)
    for text in BOX_COLOURS:
        towards = np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)], np.float32) - ground
        share = away @ towards / (towards @ towards)
        off = np.linalg.norm(away - share[..., None] * towards, axis=2)
        found |= (share >= _FADED_IN) & (share <= 1.1) & (off <= _NEAR)
    return found


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
