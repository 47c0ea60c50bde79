"""Alignment: the cheapest way to lay rows side by side, and missing parts found as such."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from mlx_gemma4.page import alignment
from mlx_gemma4.page.alignment import align
from mlx_gemma4.page.colours import to_lab
from tests.unit.page.drawn_pages import PARTS, draw, without


def lab(*parts: object, **settings: object) -> np.ndarray:
    return to_lab(np.asarray(draw(*parts, **settings)))  # type: ignore[arg-type]


def cheapest(costs: np.ndarray, row_gaps: np.ndarray, column_gaps: np.ndarray) -> float:
    """The least that any way costs, by trying all of them."""

    @functools.cache
    def at(row: int, column: int, way: int) -> float:
        if row == column == 0:
            return 0.0 if way == 0 else np.inf
        if way == 0:
            before = [at(row - 1, column - 1, other) for other in range(3)] if row and column else [np.inf]
            return min(before) + (costs[row - 1, column - 1] if row and column else 0)
        gap = row_gaps[row - 1] if way == 1 else column_gaps[column - 1]
        if not (row if way == 1 else column):
            return np.inf
        earlier = (row - 1, column) if way == 1 else (row, column - 1)
        return gap + min(at(*earlier, other) + alignment._OPENING * (other != way) for other in range(3))

    return min(at(*costs.shape, way) for way in range(3))


def price(rows: np.ndarray, costs: np.ndarray, row_gaps: np.ndarray, column_gaps: np.ndarray) -> float:
    """What rows laid side by side like this cost."""
    total, last = 0.0, 0
    for row, column in rows.tolist():
        way = 0 if row >= 0 and column >= 0 else 1 if column < 0 else 2
        total += (costs[row, column], row_gaps[row], column_gaps[column])[way]
        total += alignment._OPENING * (way not in (0, last))
        last = way
    return total


def test_the_way_that_is_found_is_the_cheapest_and_leaves_no_row_out() -> None:
    rng = np.random.default_rng(4)
    for _ in range(200):
        high, wide = rng.integers(1, 8, 2)
        costs = (rng.random((high, wide)) * 40 * (rng.random((high, wide)) < 0.7)).astype(np.float32)
        gaps = [rng.uniform(0.5, 4, count).astype(np.float32) for count in (high, wide)]
        rows = alignment._trace(*alignment._choices(costs, *gaps))
        for side, count in enumerate((high, wide)):
            assert rows[:, side][rows[:, side] >= 0].tolist() == list(range(count))
        assert price(rows, costs, *gaps) == pytest.approx(cheapest(costs, *gaps), abs=1e-3)


def test_pictures_that_are_the_same_lie_side_by_side() -> None:
    found = align(lab(), lab())
    assert (found.screenshot == found.rendering).all() and len(found.screenshot) == 520


@pytest.mark.parametrize("index", [1, 2, 3])
def test_a_part_that_is_missing_has_no_partner_and_the_rest_has_its_own(index: int) -> None:
    found = align(lab(), lab(*without(index, up=60)))
    missing = found.screenshot[(found.rendering < 0)]
    assert len(missing) == 60
    top, _, bottom, _ = PARTS[index].box
    assert set(range(top + 12, bottom - 12)) <= set(missing.tolist())
    below = (found.screenshot > bottom + 40) & (found.screenshot < 450)
    assert (found.screenshot[below] - found.rendering[below] == 60).all()


def test_a_part_too_much_has_no_partner() -> None:
    found = align(lab(*without(2, up=60)), lab())
    assert (found.screenshot < 0).sum() == 60


def test_other_colours_change_nothing() -> None:
    dark = [
        part.__class__(part.text, part.top, part.left, "#fc0" if part.fill else "", part.size, "#eee") for part in PARTS
    ]
    found = align(lab(), lab(*dark, paper="#111"))
    assert (found.screenshot == found.rendering).all()


def test_what_is_missing_is_shown_from_where_it_should_begin() -> None:
    found = alignment.Alignment(np.array((0, 1, 2, 3, 4)), np.array((0, -1, -1, 1, 2)))
    assert found.places.tolist() == [0, 1, 2, 1, 2]
    assert alignment.Alignment(np.array((0, 1)), np.array((-1, 0))).places.tolist() == [0, 0]
