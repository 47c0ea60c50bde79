"""What a scene says about its shapes is what was drawn."""

import numpy as np
import pytest
from tour_model.scenes import COLOURS, KINDS, Backgrounds, Shape, draw_scene, reading_order

SEEDS = range(40)
PLAIN = Backgrounds((), plain=1, gradient=0, noise=0, clouds=0, photo=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_boxes_are_tight_around_the_paint(seed: int) -> None:
    picture, (shape,) = draw_scene(np.random.default_rng(seed), 320, 240, 1, PLAIN)
    pixels = np.asarray(picture, np.int16)
    painted = np.abs(pixels - pixels[_corner_away_from(shape)]).sum(-1) > 60
    ys, xs = painted.nonzero()
    found = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    assert np.abs(np.array(found) - np.array(shape.box)).max() <= 1.5


def _corner_away_from(shape: Shape) -> tuple[int, int]:
    return (0, 0) if shape.box[0] > 2 or shape.box[1] > 2 else (239, 319)


def test_shapes_do_not_touch() -> None:
    for seed in SEEDS:
        _, shapes = draw_scene(np.random.default_rng(seed), 400, 300, 8)
        for index, a in enumerate(shapes):
            for b in shapes[index + 1 :]:
                apart = a.box[2] <= b.box[0] or b.box[2] <= a.box[0] or a.box[3] <= b.box[1] or b.box[3] <= a.box[1]
                assert apart


def test_every_kind_and_colour_is_drawn() -> None:
    seen = [shape for seed in range(60) for shape in draw_scene(np.random.default_rng(seed), 300, 300, 4)[1]]
    assert {shape.kind for shape in seen} == set(KINDS)
    assert {shape.colour for shape in seen} == set(COLOURS)


def test_a_box_is_rounded_to_thousandths_y_first() -> None:
    assert Shape("ring", "red", (20.0, 30.0, 60.0, 90.0)).box_1000(200, 100) == (300, 100, 900, 300)


def test_reading_order_goes_by_rows_of_cells() -> None:
    low, high_right, high_left = ((0, 60, 10, 70), (80, 12, 90, 22), (5, 20, 15, 30))
    shapes = [Shape("star", "red", tuple(map(float, box))) for box in (low, high_right, high_left)]
    assert [s.box[0] for s in reading_order(shapes, 100, 100, 3, 3)] == [5, 80, 0]
