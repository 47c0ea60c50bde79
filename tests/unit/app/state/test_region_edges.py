"""A part stays inside the picture and keeps an area, whatever is done to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state.region_edges import GRIPS, INSIDE, LEAST, drawn, moved, resized

anywhere = st.floats(-500, 1500)
steps = st.floats(-2000, 2000)


def is_sound(part: tuple[float, float, float, float]) -> bool:
    top, left, bottom, right = part
    return (
        top >= 0 and bottom <= 1000 and left >= 0 and right <= 1000 and min(bottom - top, right - left) > LEAST - 1e-6
    )


@given(st.tuples(anywhere, anywhere), st.tuples(anywhere, anywhere), st.sampled_from([*GRIPS, INSIDE]), steps, steps)
def test_it_is_inside_and_has_an_area(
    start: tuple[float, float], end: tuple[float, float], grip: tuple[int, int], down: float, across: float
) -> None:
    part = drawn(start, end)
    assert is_sound(part) and is_sound(resized(part, grip, down, across))


def test_it_can_be_drawn_from_any_corner() -> None:
    assert drawn((600, 500), (100, 200)) == drawn((100, 500), (600, 200)) == (100, 200, 600, 500)


def test_moving_keeps_its_size() -> None:
    assert moved((100, 200, 300, 400), -150, 700) == (0, 800, 200, 1000)


@pytest.mark.parametrize(
    ("grip", "expected"),
    [
        ((-1, 0), (150, 200, 600, 500)),
        ((1, 1), (100, 200, 650, 550)),
        ((0, -1), (100, 250, 600, 500)),
        (INSIDE, (150, 250, 650, 550)),
    ],
)
def test_only_the_edges_that_are_taken_move(grip: tuple[int, int], expected: tuple[float, ...]) -> None:
    assert resized((100, 200, 600, 500), grip, 50, 50) == expected
