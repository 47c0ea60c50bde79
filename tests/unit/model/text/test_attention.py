"""Heads are normed and rotated in one pass, and attended over in groups."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.layers.rope import Rotation, rope_frequencies
from mlx_gemma4.model.text.attention import attend
from tests.unit.tiny_models import PLAIN, TINY, random_model


def rms(x: np.ndarray) -> np.ndarray:
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6)


def turned(x: np.ndarray, positions: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Each pair (i, i + H/2) as a complex number, turned by its angle."""
    half = x.shape[-1] // 2
    z = (x[..., :half] + 1j * x[..., half:]) * np.exp(1j * positions[:, None] * frequencies)
    return np.concatenate([z.real, z.imag], axis=-1)


@pytest.mark.parametrize("tokens", [1, 5])
@pytest.mark.parametrize(
    ("config", "layer"), [(TINY, 0), (TINY, 4), (TINY, 9), (PLAIN, 4)], ids=["sliding", "global", "borrower", "k=v"]
)
def test_queries_and_keys_are_normed_then_rotated_and_values_only_normed(
    config: Gemma4Config, layer: int, tokens: int
) -> None:
    text = random_model(config).text
    attention, shape = text.layers[layer].attention, config.text.shape(layer)
    x = mx.random.normal((tokens, 64), key=mx.random.key(3))
    frequencies = rope_frequencies(shape.head_dim, shape.rope_theta, shape.rotated_fraction)
    positions = np.arange(100, 100 + tokens)
    q, k, v = attention.project(x, Rotation.of(mx.array(positions), frequencies))

    linear = attention.qkv_proj if attention.kv_heads else attention.q_proj
    heads = np.array(x @ linear.weight.T).reshape(tokens, -1, shape.head_dim).swapaxes(0, 1)
    expected = turned(rms(heads[:4]) * np.array(attention.q_norm.weight), positions, np.array(frequencies))
    np.testing.assert_allclose(np.array(q), expected, atol=2e-5)
    if attention.kv_heads == 0:
        assert (k, v) == (None, None)
        return
    raw_keys = heads[4 : 4 + shape.kv_heads]
    expected = turned(rms(raw_keys) * np.array(attention.k_norm.weight), positions, np.array(frequencies))
    np.testing.assert_allclose(np.array(k), expected, atol=2e-5)
    raw_values = raw_keys if shape.values_are_keys else heads[4 + shape.kv_heads :]
    np.testing.assert_allclose(np.array(v), rms(raw_values), atol=2e-5)


def test_keys_and_values_alone_are_those_of_the_whole_projection() -> None:
    attention = random_model().text.layers[4].attention
    x = mx.random.normal((5, 64), key=mx.random.key(4))
    rotation = Rotation.of(mx.arange(5), rope_frequencies(32, 1e6, 0.25))
    whole = attention.project(x, rotation)
    for alone, row in zip(attention.project_keys_values(x, rotation), whole[1:], strict=True):
        np.testing.assert_allclose(np.array(alone), np.array(row), atol=1e-6)


@pytest.mark.parametrize("tokens", [1, 3])
def test_attention_is_a_softmax_without_scale_over_the_keys_of_the_group(tokens: int) -> None:
    rng = np.random.default_rng(5)
    q, k, v = (rng.normal(size=(heads, rows, 8)) for heads, rows in ((4, tokens), (2, 6), (2, 6)))
    hidden = np.where(rng.random((tokens, 6)) < 0.3, -np.inf, 0.0)
    hidden[:, 0] = 0
    scores = q @ k.repeat(2, axis=0).swapaxes(1, 2) + hidden
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    expected = (weights / weights.sum(-1, keepdims=True)) @ v.repeat(2, axis=0)
    arrays = (mx.array(array.astype(np.float32)) for array in (q, k, v, hidden))
    np.testing.assert_allclose(np.array(attend(*arrays)), expected.swapaxes(0, 1).reshape(tokens, 32), atol=1e-5)


def test_batches_attend_as_their_members_do() -> None:
    q, k, v = (mx.random.normal((2, heads, 3, 8), key=mx.random.key(heads)) for heads in (4, 2, 1))
    v = mx.broadcast_to(v, k.shape)
    together = attend(q, k, v, "causal")
    for member in range(2):
        np.testing.assert_allclose(
            np.array(together[member]), np.array(attend(q[member], k[member], v[member], "causal"))
        )
