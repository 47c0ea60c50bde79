"""Patches: exactly those of transformers' Gemma 4 image processor, which runs without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mlx_gemma4.media.patches import patchify
from mlx_gemma4.protocol.cost import SOFT_TOKEN_BUDGETS

SIZES = [(2, 2), (5, 4), (17, 40), (48, 48), (96, 48), (100, 75), (333, 207), (640, 480), (768, 768), (1000, 12)]
SIZES += [(1920, 1080), (80, 3000)]


def noisy_picture(width: int, height: int) -> Image.Image:
    """Noise over a gradient, so that a shifted, flipped or differently filtered result shows."""
    noise = np.random.default_rng(width * 10_000 + height).integers(0, 128, (height, width, 3))
    ramp = np.linspace(0, 127, width)[None, :, None]
    return Image.fromarray((noise + ramp).astype(np.uint8))


@pytest.fixture(scope="module")
def reference() -> Callable[..., Mapping[str, Any]]:
    """Transformers' image processor, imported late because that is slow."""
    from transformers.models.gemma4.image_processing_pil_gemma4 import Gemma4ImageProcessorPil

    return Gemma4ImageProcessorPil()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_patches_equal_the_reference_at_every_budget(
    size: tuple[int, int], reference: Callable[..., Mapping[str, Any]]
) -> None:
    picture = noisy_picture(*size)
    for budget in SOFT_TOKEN_BUDGETS if max(size) < 1000 else (70, 280):
        ours = patchify(picture, budget)
        theirs = reference(picture, max_soft_tokens=budget, return_tensors="np")
        used = ours.patches.shape[0]
        np.testing.assert_array_equal(ours.patches, theirs["pixel_values"][0][:used])
        np.testing.assert_array_equal(ours.positions, theirs["image_position_ids"][0][:used])
        assert (theirs["image_position_ids"][0][used:] == -1).all()
        assert ours.soft_tokens == theirs["num_soft_tokens_per_image"][0] == used // 9
        assert ours.patches.dtype == np.float32 and ours.positions.dtype == np.int32


def test_a_patch_is_row_column_channel_and_a_position_is_x_y() -> None:
    picture = Image.new("RGB", (768, 768))
    picture.putpixel((16 * 3 + 2, 16 * 5 + 1), (51, 102, 255))
    cut = patchify(picture, 280)
    patch = 5 * 48 + 3
    assert cut.positions[patch].tolist() == [3, 5]
    lit = cut.patches[patch].reshape(16, 16, 3)[1, 2]
    np.testing.assert_allclose(lit, [0.2, 0.4, 1.0], rtol=1e-6)
    assert np.count_nonzero(cut.patches) == 3
