"""Rotary frequencies and rotations against numbers worked out by hand."""

from __future__ import annotations

import math

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.model.layers.rope import Rotation, rope_frequencies


def test_plain_frequencies_fall_from_one_over_the_whole_head() -> None:
    frequencies = np.array(rope_frequencies(256, 10_000.0))
    assert frequencies.shape == (128,)
    assert frequencies[0] == 1
    assert frequencies[64] == pytest.approx(0.01)
    assert frequencies[127] == pytest.approx(10_000 ** (-254 / 256))


def test_proportional_frequencies_keep_the_spacing_of_the_whole_head() -> None:
    frequencies = np.array(rope_frequencies(512, 1_000_000.0, 0.25))
    assert frequencies.shape == (256,)
    assert frequencies[63] == pytest.approx(1_000_000 ** (-126 / 512))
    assert not frequencies[64:].any()


def test_global_heads_of_512_rotate_only_dims_0_to_63_and_256_to_319() -> None:
    rotation = Rotation.of(mx.array([1234]), rope_frequencies(512, 1_000_000.0, 0.25))
    x = mx.random.normal((1, 1, 512), key=mx.random.key(0))
    moved = np.array(rotation(x) != x)[0, 0]
    assert moved[:64].all()
    assert moved[256:320].all()
    assert not moved[64:256].any()
    assert not moved[320:].any()


def test_a_pair_turns_by_its_angle() -> None:
    rotation = Rotation.of(mx.array([3]), np.array([0.5, 0.0], dtype=np.float32))
    turned = np.array(rotation(mx.array([[[1.0, 7.0, 0.0, 9.0]]])))[0, 0]
    np.testing.assert_allclose(turned, [math.cos(1.5), 7, math.sin(1.5), 9], atol=1e-6)


def test_scores_depend_on_the_distance_alone() -> None:
    frequencies = rope_frequencies(16, 10_000.0)
    q, k = (mx.random.normal((1, 1, 16), key=mx.random.key(seed)) for seed in (1, 2))

    def score(query_at: int, key_at: int) -> float:
        at = [Rotation.of(mx.array([position]), frequencies) for position in (query_at, key_at)]
        return float((at[0](q) * at[1](k)).sum())

    assert score(20, 13) == pytest.approx(score(507, 500), abs=1e-4)
    assert abs(score(20, 13) - score(20, 14)) > 1e-3
