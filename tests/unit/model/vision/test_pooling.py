"""Patches are averaged by their positions."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.model.vision.pooling import pool_by_position
from mlx_gemma4.protocol.errors import MediaError
from tests.unit.tiny_models import random_model, random_picture


def grid(columns: int, rows: int) -> mx.array:
    return mx.array([[x, y] for y in range(rows) for x in range(columns)])


def test_each_square_of_patches_becomes_its_mean_times_the_root_of_the_width() -> None:
    positions = grid(6, 3)
    x = positions[:, :1].astype(mx.float32) * mx.ones((1, 4))  # every patch holds its column
    np.testing.assert_allclose(np.array(pool_by_position(x, positions, 3)), [[1 * 2] * 4, [4 * 2] * 4])


def test_the_order_of_patches_does_not_matter() -> None:
    positions, x = grid(6, 9), mx.random.normal((54, 8), key=mx.random.key(0))
    shuffled = mx.array(np.random.default_rng(0).permutation(54))
    expected = np.array(pool_by_position(x, positions, 3))
    np.testing.assert_allclose(np.array(pool_by_position(x[shuffled], positions[shuffled], 3)), expected, atol=1e-6)


def test_pooling_of_half_precision_does_not_overflow() -> None:
    pooled = pool_by_position(mx.full((9, 1024), 6e4, dtype=mx.float16), grid(3, 3), 3)
    assert pooled.dtype == mx.float32
    np.testing.assert_allclose(np.array(pooled), 6e4 * 32, rtol=1e-3)


@pytest.mark.parametrize("positions", [grid(4, 3), grid(3, 3)[:8], mx.concatenate([grid(3, 3), grid(3, 3)])])
def test_patches_that_fill_no_whole_squares_are_refused(positions: mx.array) -> None:
    with pytest.raises(MediaError, match="has no whole squares of 3 × 3"):
        pool_by_position(mx.zeros((positions.shape[0], 4)), positions, 3)


def test_soft_tokens_of_a_picture_do_not_depend_on_the_order_of_its_patches() -> None:
    model, picture = random_model(), random_picture(6, 3, 0)
    order = np.random.default_rng(1).permutation(18)
    whole = model.encode_picture(mx.array(picture.patches), mx.array(picture.positions))
    shuffled = model.encode_picture(mx.array(picture.patches[order]), mx.array(picture.positions[order]))
    np.testing.assert_allclose(np.array(shuffled), np.array(whole), atol=2e-5)
