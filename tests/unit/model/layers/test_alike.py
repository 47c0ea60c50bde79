"""Layers through one compiled function give what they give by themselves."""

from __future__ import annotations

from dataclasses import replace

import mlx.core as mx
import numpy as np
import pytest
from mlx import nn

from mlx_gemma4.model.audio.tower import AudioTower
from mlx_gemma4.model.config import VisionConfig
from mlx_gemma4.model.layers.alike import AlikeLayers
from mlx_gemma4.model.layers.clipped_linear import ClippedLinear
from mlx_gemma4.model.vision.tower import VisionTower
from tests.unit.tiny_models import HEARING, TINY, random_model, random_picture, random_sound


class Step(nn.Module):
    """A layer with a nested one, whose calls are counted: under a compiled function it is only called to be traced."""

    calls = 0

    def __init__(self, size: int) -> None:
        super().__init__()
        self.inner = ClippedLinear(size, size, clipped=True)
        self.bias = mx.random.normal((size,))

    def __call__(self, x: mx.array, factor: mx.array) -> mx.array:
        Step.calls += 1
        return nn.silu(self.inner(x)) * factor + self.bias


def test_every_layer_has_its_own_parameters_and_one_trace_serves_all() -> None:
    layers = [Step(64) for _ in range(4)]
    x, factor = mx.random.normal((5, 64)), mx.array(0.5)
    expected = AlikeLayers(layers, compiled=False)(x, factor)
    Step.calls = 0
    compiled = AlikeLayers(layers, compiled=True)
    np.testing.assert_allclose(np.array(compiled(x, factor)), np.array(expected), atol=1e-6)
    assert Step.calls == 1
    layers[2].bias = layers[2].bias + 1
    assert np.abs(np.array(compiled(x, factor)) - np.array(expected)).max() > 0.1, "arrays are inputs, not constants"


def test_a_layer_that_is_packed_otherwise_is_traced_by_itself() -> None:
    layers = [Step(64) for _ in range(3)]
    layers[1].inner.linear = layers[1].inner.linear.to_quantized(64, 8)
    x, factor = mx.random.normal((5, 64)), mx.array(2.0)
    Step.calls = 0
    got = AlikeLayers(layers, compiled=True)(x, factor)
    assert Step.calls == 2
    np.testing.assert_allclose(np.array(got), np.array(AlikeLayers(layers, compiled=False)(x, factor)), atol=1e-5)


@pytest.mark.parametrize("clipped", [True, False])
def test_the_picture_tower_sees_the_same_in_its_compiled_form(clipped: bool) -> None:
    sight = TINY.vision
    assert isinstance(sight, VisionConfig)
    tower = random_model(replace(TINY, vision=replace(sight, clipped_linears=clipped))).vision
    assert isinstance(tower, VisionTower)
    picture = random_picture(9, 6, 0)
    patches, positions = mx.array(picture.patches), mx.array(picture.positions)
    plain = np.array(tower(patches, positions))
    tower._run_layers = AlikeLayers(tower.layers, compiled=True)
    np.testing.assert_allclose(np.array(tower(patches, positions)), plain, rtol=0, atol=1e-5)


def test_the_audio_tower_hears_the_same_in_its_compiled_form() -> None:
    tower = random_model(HEARING).audio
    assert isinstance(tower, AudioTower)
    features = mx.array(random_sound(203, 0).features)
    plain = np.array(tower(features))
    tower._run_layers = AlikeLayers(tower.layers, compiled=True)
    np.testing.assert_allclose(np.array(tower(features)), plain, rtol=0, atol=1e-5)
