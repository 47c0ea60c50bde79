"""Clips of one shape that moves among others that do not, drawn frame by frame, together with the truth about them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image
from tour_model.scenes import (
    KINDS,
    TRAINING_BACKGROUNDS,
    Backgrounds,
    Shape,
    draw_scene,
    jitter,
    outlines_of,
    paint,
    touch,
    visible_colour,
)

WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
SECONDS = (2.0, 6.0)
RATES = (10, 12, 15, 24, 25, 30)  # frames a second
MOST_STILL = 3  # shapes that do not move
LEAST_WAY = 0.25  # of the picture's side that the mover covers
GAP = 0.02  # of the picture's side between it and other shapes, all along


@dataclass(frozen=True)
class Motion:
    """A clip that can be drawn.

    Attributes:
        still: its background, with what does not move.
        shapes: what does not move.
        mover: what moves, with its box at the beginning.
        way: which way it moves.
        frames: how many there are.
        rate: frames a second.
    """

    still: Image.Image
    shapes: list[Shape]
    mover: Shape
    way: str
    frames: int
    rate: int
    _outlines: list[tuple[np.ndarray, bool]]
    _colour: tuple[int, int, int]
    _distance: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.frames / self.rate

    def moved(self, frame: int) -> Shape:
        """What moves, with its box in a frame; it goes at an even speed."""
        far = self._distance * frame / max(1, self.frames - 1)
        dx, dy = (far * part for part in WAYS[self.way])
        left, top, right, bottom = self.mover.box
        return Shape(self.mover.kind, self.mover.colour, (left + dx, top + dy, right + dx, bottom + dy))

    def draw(self, frame: int) -> Image.Image:
        """A frame."""
        picture = self.still.copy()
        box = self.moved(frame).box
        paint(picture, [(points + box[:2], hole) for points, hole in self._outlines], self._colour, box)
        return picture

    def draw_all(self) -> Iterator[Image.Image]:
        """All frames."""
        return map(self.draw, range(self.frames))


def random_motion(
    rng: np.random.Generator, width: int, height: int, backgrounds: Backgrounds = TRAINING_BACKGROUNDS
) -> Motion:
    """A clip of that size; no other shape is called like the mover, and none lies in its way."""
    rate = int(rng.choice(RATES))
    frames = round(rng.uniform(*SECONDS) * rate)
    while True:
        still, shapes = draw_scene(rng, width, height, int(rng.integers(MOST_STILL + 1)), backgrounds)
        for _ in range(30):
            kind = KINDS[rng.integers(len(KINDS))]
            drawn = outlines_of(rng, kind, math.sqrt(width * height) * rng.uniform(0.12, 0.26))
            points = np.concatenate([outline for outline, _ in drawn])
            corner, size = points.min(0), np.ptp(points, axis=0)
            way = list(WAYS)[rng.integers(4)]
            path = _path(rng, size, way, width, height)
            if path is None or any(touch(path.swept, shape.box, GAP * max(width, height)) for shape in shapes):
                continue
            colour = visible_colour(rng, still, path.swept)
            if colour is None or f"{colour} {kind}" in {shape.label for shape in shapes}:
                continue
            drawn = [(outline - corner, hole) for outline, hole in drawn]
            mover = Shape(kind, colour, path.begins)
            return Motion(still, shapes, mover, way, frames, rate, drawn, jitter(rng, colour), path.distance)


Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Path:
    """Where a mover begins, how far it goes, and all that it covers."""

    begins: Box
    distance: float
    swept: Box


def _path(rng: np.random.Generator, size: np.ndarray, way: str, width: int, height: int) -> _Path | None:
    """A way through the picture; None where the mover is too large for one."""
    axis = 0 if way in ("left", "right") else 1
    room = np.array([width, height]) - size
    if (room <= 0).any() or room[axis] < LEAST_WAY * (width, height)[axis]:
        return None
    distance = rng.uniform(LEAST_WAY * (width, height)[axis], room[axis])
    low = rng.uniform(0, room)
    low[axis] = rng.uniform(0, room[axis] - distance)
    high = low + size
    high[axis] += distance
    begins = low.copy()
    if way in ("left", "up"):
        begins[axis] += distance
    ends = begins + size
    return _Path((*begins.tolist(), *ends.tolist()), distance, (*low.tolist(), *high.tolist()))
