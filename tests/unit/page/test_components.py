"""Components: boxes of what hangs together, against a flood fill."""

from __future__ import annotations

import numpy as np
import pytest

from mlx_gemma4.page.components import component_boxes


def flooded(mask: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Boxes of what hangs together, found pixel by pixel."""
    left = {(int(row), int(column)) for row, column in zip(*np.nonzero(mask), strict=True)}
    boxes = []
    while left:
        waiting, group = [left.pop()], []
        while waiting:
            row, column = waiting.pop()
            group.append((row, column))
            around = {(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= around
            waiting += around
        rows, columns = zip(*group, strict=True)
        boxes.append((min(rows), min(columns), max(rows) + 1, max(columns) + 1))
    return sorted(boxes)


@pytest.mark.parametrize("filled", [0.0, 0.1, 0.3, 0.5, 0.9, 1.0])
def test_boxes_are_those_of_a_flood_fill(filled: float) -> None:
    rng = np.random.default_rng(round(10 * filled))
    for _ in range(30):
        mask = rng.random((rng.integers(1, 25), rng.integers(1, 25))) < filled
        assert sorted(map(tuple, component_boxes(mask).tolist())) == flooded(mask)


def test_a_spiral_is_one() -> None:
    mask = np.zeros((201, 201), bool)
    for ring in range(0, 100, 4):
        mask[ring, ring : 201 - ring] = mask[ring : 201 - ring, 200 - ring] = True
        mask[200 - ring, ring : 201 - ring] = mask[ring + 2 : 201 - ring, ring] = True
        mask[ring + 2, ring : ring + 4] = mask[ring + 2 : ring + 5, ring + 3] = True
    assert component_boxes(mask).tolist() == [[0, 0, 201, 201]]
