"""A picture of six shapes whose places are known, to drag onto the window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

GROUND = (236, 232, 222)
SIZE = (600, 400)
_ENLARGED = 4


@dataclass(frozen=True)
class Shape:
    """What is where: left, top, right, bottom in pixels."""

    label: str
    box: tuple[float, float, float, float]


def _star(x: float, y: float, outer: float, inner: float) -> list[tuple[float, float]]:
    angles = [-math.pi / 2 + corner * math.pi / 5 for corner in range(10)]
    radii = [outer if corner % 2 == 0 else inner for corner in range(10)]
    return [(x + r * math.cos(a), y + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]


_STAR = _star(300, 295, 62, 25)
SHAPES = (
    Shape("red circle", (40, 40, 150, 150)),
    Shape("blue square", (250, 50, 350, 150)),
    Shape("green triangle", (430, 40, 550, 150)),
    Shape("orange ring", (40, 240, 150, 350)),
    Shape("purple star", (241, 233, 359, 345)),
    Shape("black cross", (430, 235, 550, 355)),
)


def draw_six_shapes(file: Path) -> Path:
    """Writes the picture, with smooth edges; returns `file`."""
    picture = Image.new("RGB", (SIZE[0] * _ENLARGED, SIZE[1] * _ENLARGED), GROUND)
    pen = ImageDraw.Draw(picture)

    def scaled(*values: float) -> list[float]:
        return [value * _ENLARGED for value in values]

    pen.ellipse(scaled(40, 40, 150, 150), fill=(216, 36, 36))
    pen.rectangle(scaled(250, 50, 350, 150), fill=(36, 88, 222))
    pen.polygon(scaled(490, 40, 550, 150, 430, 150), fill=(36, 158, 68))
    pen.ellipse(scaled(40, 240, 150, 350), fill=(246, 134, 24))
    pen.ellipse(scaled(68, 268, 122, 322), fill=GROUND)
    pen.polygon(scaled(*(value for point in _STAR for value in point)), fill=(138, 56, 182))
    pen.rectangle(scaled(430, 275, 550, 315), fill=(18, 18, 18))
    pen.rectangle(scaled(470, 235, 510, 355), fill=(18, 18, 18))
    picture.reduce(_ENLARGED).save(file)
    return file
