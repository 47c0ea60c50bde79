"""Squares of patches are the picture's own 48×48 squares, and each knows its place."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest
from PIL import Image

from mlx_gemma4.media.patches import patchify
from mlx_gemma4.model.unified.config import UnifiedVisionConfig
from mlx_gemma4.model.unified.square_embedder import SquareEmbedder, join_patches
from mlx_gemma4.protocol.errors import MediaError
from tests.unit.tiny_models import random_picture

CONFIG = UnifiedVisionConfig(hidden_size=8, positions=12)


def random_embedder() -> SquareEmbedder:
    embedder, key = SquareEmbedder(CONFIG), mx.random.key(3)
    embedder.position_table = mx.random.normal((12, 2, 8), key=key)
    return embedder


def test_a_square_of_patches_is_the_same_square_of_the_picture() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (480, 672, 3), dtype=np.uint8)
    picture = patchify(Image.fromarray(noise), 140)
    height, width = picture.height, picture.width
    assert (width, height) == (672, 480), "not resized, so that its pixels are the noise"
    squares_RKQ = np.array(join_patches(mx.array(picture.patches), mx.array(picture.positions), 3))
    cells = (noise / 255).reshape(height // 48, 48, width // 48, 48, 3).transpose(0, 2, 1, 3, 4)
    np.testing.assert_allclose(squares_RKQ, cells.reshape(squares_RKQ.shape), atol=1e-6)


def test_vectors_do_not_depend_on_the_order_of_the_patches() -> None:
    embedder, picture = random_embedder(), random_picture(9, 6, start=0)
    order = np.random.default_rng(1).permutation(54)
    whole = embedder(mx.array(picture.patches), mx.array(picture.positions))
    shuffled = embedder(mx.array(picture.patches[order]), mx.array(picture.positions[order]))
    np.testing.assert_allclose(np.array(shuffled), np.array(whole), atol=1e-6)


def test_columns_take_the_first_row_of_a_place_and_rows_the_second() -> None:
    embedder, positions = random_embedder(), random_picture(6, 9, start=0).positions
    flat = mx.zeros((54, 768))  # every square alike, so that only places differ
    vectors_SD = np.array(embedder(flat, mx.array(positions)))
    table = np.array(embedder.position_table)
    pixels_D = np.array(embedder.input_norm(embedder.input_proj(mx.zeros((1, 6912)))))[0]
    for index, (x, y) in enumerate((x, y) for y in range(3) for x in range(2)):
        expected = embedder.position_norm(mx.array(pixels_D + table[x, 0] + table[y, 1]))
        np.testing.assert_allclose(vectors_SD[index], np.array(expected), atol=1e-5)


def test_pixels_are_used_as_they_are() -> None:
    """A norm hides any scale of the pixels, except where a picture is so faint that the norm's epsilon counts."""
    embedder, picture = random_embedder(), random_picture(3, 3, start=0)
    faint = 0.5 + 1e-3 * picture.patches
    square_Q = np.array(join_patches(mx.array(faint), mx.array(picture.positions), 3)).reshape(-1).astype(np.float64)
    normed_Q = (square_Q - square_Q.mean()) / np.sqrt(square_Q.var() + 1e-5)
    vector_D = embedder.input_norm(embedder.input_proj(mx.array(normed_Q.astype(np.float32))))
    expected = embedder.position_norm(vector_D + embedder.position_table[0].sum(axis=0))
    got = embedder(mx.array(faint), mx.array(picture.positions))[0]
    np.testing.assert_allclose(np.array(got), np.array(expected), atol=1e-4)
    doubled = embedder(mx.array(2 * faint), mx.array(picture.positions))[0]
    assert np.abs(np.array(doubled - got)).max() > 1e-2


def test_patches_that_fill_no_whole_squares_are_refused() -> None:
    picture = random_picture(6, 3, start=0)
    with pytest.raises(MediaError, match="no whole squares"):
        random_embedder()(mx.array(picture.patches[:12]), mx.array(picture.positions[:12]))
