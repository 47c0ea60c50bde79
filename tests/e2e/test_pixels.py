"""The eyes of the other tests see a box where one is drawn, and nowhere else."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.e2e.pixels import BOX_COLOURS, Place, boxes_seen, find_picture
from tests.e2e.shapes import SHAPES, SIZE, Shape

CORNER = (300, 90)
SCALE = 0.9


@pytest.fixture
def screen(six_shapes: Path) -> Image.Image:
    """A window with the six shapes large, and small once more."""
    window = Image.new("RGB", (1180, 760), "#F5F5F7")
    picture = Image.open(six_shapes)
    window.paste(picture.resize((round(SIZE[0] * SCALE), round(SIZE[1] * SCALE))), CORNER)
    window.paste(picture.resize((60, 40)), (100, 400))
    return window


def frame(screen: Image.Image, shape: Shape, colour: str, shift: int = 0) -> None:
    """Draws the lines of a box around a shape."""
    left, top, right, bottom = Place(*CORNER, SCALE).of(shape)
    ImageDraw.Draw(screen).rectangle(
        (left + shift, top + shift, right + shift, bottom + shift), outline=colour, width=2
    )


def test_the_large_picture_is_found_and_the_small_one_is_not(screen: Image.Image) -> None:
    assert find_picture(screen) == Place(*CORNER, SCALE)
    assert find_picture(Image.new("RGB", (1180, 760), "white")) is None


def test_shapes_without_boxes_are_no_boxes(screen: Image.Image) -> None:
    assert not boxes_seen(screen)


@pytest.mark.parametrize(("colour", "shape"), list(zip(BOX_COLOURS, itertools.cycle(SHAPES), strict=False)))
def test_a_box_in_any_colour_is_seen(screen: Image.Image, shape: Shape, colour: str) -> None:
    frame(screen, shape, colour)
    assert boxes_seen(screen) == [shape]


@pytest.mark.parametrize(("opacity", "seen"), [(0.25, False), (0.7, True)])
def test_a_box_that_fades_in_is_seen_from_half_its_strength(screen: Image.Image, opacity: float, seen: bool) -> None:
    boxed = screen.copy()
    frame(boxed, SHAPES[3], BOX_COLOURS[0])
    assert boxes_seen(Image.blend(screen, boxed, opacity)) == ([SHAPES[3]] if seen else [])


def test_a_box_elsewhere_or_in_another_colour_does_not_count(screen: Image.Image) -> None:
    frame(screen, SHAPES[0], BOX_COLOURS[0], shift=20)
    frame(screen, SHAPES[1], "#FF00FF")
    assert not boxes_seen(screen)
