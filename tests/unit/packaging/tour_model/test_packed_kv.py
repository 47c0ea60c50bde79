"""Keys and values in 8 bits leave the tour model's distributions and the figures of its card where they are."""

from __future__ import annotations

import numpy as np
import pytest
from tour_model.evaluate import TASKS, evaluate
from tour_model.packed_kv import divergences

from mlx_gemma4 import load
from mlx_gemma4.protocol.kv_packing import KVPacking

pytestmark = pytest.mark.full
EIGHT = KVPacking(8)
NEAR, POINTS = 1e-3, 0.005
LOWER_IS_BETTER = {"false_boxes"}


def test_no_job_of_the_card_moves_by_more_than_a_thousandth_of_a_nat() -> None:
    found = list(divergences(load("tour"), EIGHT, pictures=2, seed=11))
    assert len(found) == 2
    for task in TASKS:
        assert -1e-9 < np.mean([value for picture in found for value in picture[task]]) <= NEAR, task
    assert max(found[0]["all"]) > 1e-7, "or nothing was packed"


def test_no_figure_of_the_card_falls_by_more_than_half_a_point() -> None:
    plain, packed = [evaluate(load("tour", kv_packing=packing), 16, 11) for packing in (None, EIGHT)]
    for task in TASKS:
        for figure, value in plain[task].items():
            worse = packed[task][figure] - value if figure in LOWER_IS_BETTER else value - packed[task][figure]
            assert worse <= POINTS, (task, figure)
