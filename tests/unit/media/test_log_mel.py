"""Log-mel frames are transformers' own, and there are as many as its processor counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from mlx_gemma4.media.log_mel import log_mel
from mlx_gemma4.protocol.cost import MAX_SOUND_SAMPLES


@pytest.fixture(scope="module")
def reference() -> Callable[..., Mapping[str, Any]]:
    """Transformers' feature extractor, imported late because that is slow."""
    from transformers.models.gemma4.feature_extraction_gemma4 import Gemma4AudioFeatureExtractor

    return Gemma4AudioFeatureExtractor()


def noise(samples: int) -> np.ndarray:
    """Sound between a whisper and clipping."""
    generator = np.random.default_rng(samples)
    loudness = np.linspace(0.0, 0.8, samples)
    return np.clip(generator.standard_normal(samples) * loudness, -1, 1).astype(np.float32)


@pytest.mark.parametrize("samples", [161, 320, 321, 5_000, 16_000, 40_001, 163_999, MAX_SOUND_SAMPLES])
def test_frames_are_the_references_where_its_mask_keeps_them(
    samples: int, reference: Callable[..., Mapping[str, Any]]
) -> None:
    sound = noise(samples)
    extracted = reference([sound], return_tensors="np")
    kept = extracted["input_features"][0][extracted["input_features_mask"][0]]
    ours = log_mel(sound)
    assert ours.dtype == np.float32 and ours.shape == kept.shape
    np.testing.assert_allclose(ours, kept, rtol=0, atol=1e-6)


def test_silence_is_the_logarithm_of_the_floor() -> None:
    np.testing.assert_allclose(log_mel(np.zeros(1600, np.float32)), np.log(1e-3), rtol=1e-6)


def test_what_is_shorter_than_a_frame_has_none() -> None:
    assert log_mel(noise(160)).shape == (0, 128)
