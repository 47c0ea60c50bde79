"""What a sound takes on its way through the audio tower is predicted as MLX counts it."""

from __future__ import annotations

import dataclasses
import gc

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.engine.peak_memory import predict_peak
from mlx_gemma4.engine.tower_memory import sound_work
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.audio.tower import AudioTower
from mlx_gemma4.model.presets import E2B, UNIFIED_12B


def _tower(hidden: int, heads: int, layers: int, channels: int) -> AudioConfig:
    return AudioConfig(
        hidden_size=hidden, heads=heads, layers=layers, output_width=hidden, conv_channels=(128, channels)
    )


def _counted(audio: AudioConfig, frames: int) -> int:
    """The peak over five runs, in bytes beside the weights; what is queued in a short run varies."""
    tower = AudioTower(audio)
    features = np.zeros((frames, audio.frame_width), np.float32)
    mx.eval(tower.parameters())
    peaks = []
    for _ in range(5):
        gc.collect()
        mx.synchronize()
        before = mx.get_active_memory()
        mx.reset_peak_memory()
        mx.eval(tower(mx.array(features)))
        peaks.append(mx.get_peak_memory() - before)
    return max(peaks)


@pytest.mark.parametrize("frames", [1_498, 2_400])
@pytest.mark.parametrize("audio", [_tower(64, 2, 2, 8), _tower(256, 4, 12, 64), _tower(1_024, 8, 1, 32)])
def test_the_prediction_is_within_10_percent(audio: AudioConfig, frames: int) -> None:
    config = dataclasses.replace(E2B, audio=audio)
    predicted = sound_work(config, audio.soft_tokens(frames), itemsize=4, backend="cpu")
    assert predicted == pytest.approx(_counted(audio, frames), rel=0.1)


def test_the_tower_is_a_phase_of_its_own_and_its_soft_tokens_stay() -> None:
    def peak(sounds: list[int]) -> tuple[int, int]:
        predicted = predict_peak(E2B, 0, prompt_tokens=1_600, sounds=sounds, itemsize=4, backend="cpu")
        return predicted.features, predicted.work

    (none, text), (one, heard), (two, still) = peak([]), peak([750]), peak([750, 750])
    assert (none, one, two) == (0, 750 * 1_536 * 4, 1_500 * 1_536 * 4)
    assert 1.5 * text < heard == still, "one sound after the other goes through"


def test_a_sound_longer_than_a_chunk_is_read_at_once() -> None:
    def work(seconds: int) -> int:
        sounds = [25 * seconds]
        return predict_peak(UNIFIED_12B, 0, prompt_tokens=4_000, sounds=sounds, itemsize=4, backend="cpu").work

    assert work(30) > 1.2 * work(20)
    assert work(20) == work(1)
