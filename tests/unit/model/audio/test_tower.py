"""The audio tower: its config, which rows see which, and sounds of every length."""

from __future__ import annotations

import dataclasses
from typing import Any

import mlx.core as mx
import numpy as np
import pytest
from tour_model import architecture

from mlx_gemma4.model.audio.chunks import Chunks
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.audio.tower import AudioTower
from mlx_gemma4.model.config_fields import ConfigFields
from mlx_gemma4.model.presets import E2B
from mlx_gemma4.protocol.errors import CheckpointError, MediaError
from tests.unit.tiny_models import HEARING, random_model, random_sound

AUDIO = HEARING.audio
assert isinstance(AUDIO, AudioConfig)


def read(values: dict[str, Any]) -> AudioConfig:
    """An `audio_config` as the model reads it."""
    return AudioConfig.from_fields(ConfigFields(values, "config.json.audio_config"))


@pytest.fixture(scope="module")
def tower() -> AudioTower:
    model = random_model(HEARING)
    assert model.audio is not None
    return model.audio


def hear(tower: AudioTower, features: np.ndarray) -> np.ndarray:
    """The soft tokens of a sound."""
    return np.array(tower(mx.array(features)))


def test_an_empty_config_is_the_published_tower() -> None:
    assert read({}) == E2B.audio


def test_the_tour_models_tower_is_one_of_these() -> None:
    config = read(architecture.audio_config())
    assert (config.hidden_size, config.layers, config.conv_channels, config.output_width) == (128, 9, (128, 32), 128)
    assert AudioTower(config)(mx.zeros((9, 128))).shape == (3, 128)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu'"),
        ({"hidden_size": 1025}, "hidden_size is 1025"),
        ({"num_attention_heads": 7}, "hidden_size is 1024"),
        ({"subsampling_conv_channels": [64, 32]}, "subsampling_conv_channels"),
        ({"subsampling_conv_channels": [128, 32, 8]}, "subsampling_conv_channels"),
        ({"subsampling_conv_channels": [128, True]}, "subsampling_conv_channels"),
        ({"attention_context_left": 1}, "attention_context_left is 1"),
        ({"attention_context_right": -1}, "attention_context_right is -1"),
        ({"gradient_clipping": 0}, "gradient_clipping is 0"),
    ],
)
def test_what_cannot_be_built_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(CheckpointError, match=named):
        read(changes)


@pytest.mark.parametrize(("wide", "keys"), [(False, 12), (True, 13)], ids=["transformers", "JAX"])
def test_a_query_sees_twelve_or_thirteen_keys_and_none_after_it(wide: bool, keys: int) -> None:
    rows = 40
    chunks = Chunks.of(dataclasses.replace(AUDIO, sees_context_left=wide))
    mask = chunks.mask(rows)
    for query in range(rows):
        chunk, place = divmod(query, chunks.size)
        seen = np.flatnonzero(mask[chunk, place]) + chunk * chunks.size - chunks.before
        assert seen.tolist() == list(range(max(0, query - keys + 1), query + 1))


def test_the_thirteenth_key_changes_what_is_heard_from_there_on() -> None:
    one_layer = dataclasses.replace(AUDIO, layers=1)
    narrow = random_model(dataclasses.replace(HEARING, audio=one_layer)).audio
    wide = random_model(
        dataclasses.replace(HEARING, audio=dataclasses.replace(one_layer, sees_context_left=True))
    ).audio
    assert narrow is not None and wide is not None
    features = random_sound(80, 0).features
    change = np.abs(hear(narrow, features) - hear(wide, features)).max(axis=1)
    assert (change[:12] == 0).all() and (change[12:] > 1e-3).all()


def test_what_comes_later_does_not_change_what_was_heard(tower: AudioTower) -> None:
    features = random_sound(203, 0).features
    whole = hear(tower, features)
    for frames in (1, 4, 5, 47, 48, 49, 95, 202):
        certain = frames // 4  # the frame after a soft token's last one is under its convolutions
        np.testing.assert_allclose(hear(tower, features[:frames])[:certain], whole[:certain], atol=2e-5)


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5, 48, 49, 99])
def test_a_sound_of_any_length_has_the_soft_tokens_that_its_config_counts(tower: AudioTower, frames: int) -> None:
    heard = hear(tower, random_sound(frames, 0).features)
    assert heard.shape == (AUDIO.soft_tokens(frames), AUDIO.output_width)
    assert np.isfinite(heard).all()


@pytest.mark.parametrize("shape", [(0, 128), (10, 640)])
def test_features_of_another_kind_are_refused(tower: AudioTower, shape: tuple[int, int]) -> None:
    with pytest.raises(MediaError, match=f"{shape[0]} frames of {shape[1]} numbers"):
        tower(mx.zeros(shape))
