"""Frames of raw sound are the reference's, and as many as the prompt has places for."""

from __future__ import annotations

import numpy as np
import pytest

from mlx_gemma4.media.raw_frames import raw_frames
from mlx_gemma4.protocol.cost import sound_tokens_frames

LENGTHS = [0, 1, 639, 640, 641, 1280, 16_000, 480_000]


def sound(samples: int) -> np.ndarray:
    return np.random.default_rng(samples).uniform(-1, 1, samples).astype(np.float32)


@pytest.mark.parametrize("samples", LENGTHS)
def test_there_are_as_many_frames_as_places_in_the_prompt(samples: int) -> None:
    frames_TC = raw_frames(sound(samples))
    assert frames_TC.shape == (sound_tokens_frames(samples), 640)
    assert frames_TC.dtype == np.float32


@pytest.mark.parametrize("samples", [641, 16_000 + 17])
def test_no_sample_is_lost_and_silence_fills_the_last_frame(samples: int) -> None:
    flat = raw_frames(sound(samples)).reshape(-1)
    np.testing.assert_array_equal(flat[:samples], sound(samples))
    assert len(flat) > samples and not flat[samples:].any()


@pytest.mark.parametrize("samples", [length for length in LENGTHS if length])
def test_frames_equal_the_reference_feature_extractors(samples: int) -> None:
    from transformers.models.gemma4_unified.feature_extraction_gemma4_unified import (
        Gemma4UnifiedAudioFeatureExtractor,
    )

    expected = Gemma4UnifiedAudioFeatureExtractor()(sound(samples), return_tensors="np")
    assert expected["input_features_mask"].all()
    np.testing.assert_array_equal(raw_frames(sound(samples)), expected["input_features"][0])
