"""Norms, activations, clipped linears and partial linears against plain numpy."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest
from mlx import nn

from mlx_gemma4.model.layers.activations import gated_gelu, softcap
from mlx_gemma4.model.layers.clipped_linear import ClippedLinear, ClippedLinears
from mlx_gemma4.model.layers.linear_rows import linear_rows
from mlx_gemma4.model.layers.norms import RMSNorm, rms_norm


@pytest.mark.parametrize("rows", [1, 3])
def test_the_norm_divides_by_the_root_of_the_mean_square_and_uses_the_weight_as_it_is(rows: int) -> None:
    norm = RMSNorm(4, eps=1e-6)
    norm.weight = mx.array([1.0, 2.0, 0.5, 0.0])
    x = mx.array([[3.0, -1.0, 1.0, 5.0]] * rows)  # mean square 9
    np.testing.assert_allclose(np.array(norm(x)), [[1, -2 / 3, 1 / 6, 0]] * rows, rtol=1e-5)
    np.testing.assert_allclose(np.array(rms_norm(x, None, 1e-6)), np.array(x) / 3, rtol=1e-5)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_norm_of_bfloat16_is_computed_in_float32(rows: int) -> None:
    x = mx.full((rows, 64), 300.0, dtype=mx.bfloat16)
    normed = rms_norm(x, mx.ones((64,), dtype=mx.bfloat16), 1e-6)
    assert normed.dtype == mx.bfloat16
    np.testing.assert_array_equal(np.array(normed.astype(mx.float32)), 1)


def test_gated_gelu_is_the_tanh_form_times_the_other_half() -> None:
    x = np.linspace(-8, 8, 1001)
    expected = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) * 1.7
    got = gated_gelu(mx.array(x.astype(np.float32)), mx.full((1001,), 1.7))
    np.testing.assert_allclose(np.array(got), expected, atol=2e-6)


def test_softcap_bends_logits_into_its_range() -> None:
    np.testing.assert_allclose(np.array(softcap(mx.array([0.0, 30.0, 1e6]), 30.0)), [0, 30 * np.tanh(1), 30], rtol=1e-5)
    assert softcap(mx.array([99.0]), None).item() == 99


def test_a_clipped_linear_clamps_before_and_after() -> None:
    layer = ClippedLinear(2, 1, clipped=True)
    layer.linear.weight = mx.array([[10.0, 1.0]])
    layer.input_min, layer.input_max = mx.array(-1.0), mx.array(2.0)
    layer.output_min, layer.output_max = mx.array(-5.0), mx.array(15.0)
    outputs = layer(mx.array([[9.0, -9.0], [1.0, 3.0], [-4.0, 0.0]]))
    assert outputs.tolist() == [[15.0], [12.0], [-5.0]]


@pytest.mark.parametrize("clipped", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_joined_linears_give_what_each_gives_by_itself(clipped: bool, packed: bool) -> None:
    joined, x = ClippedLinears(64, 5, 3, clipped=clipped), mx.random.normal((7, 64), key=mx.random.key(1))
    weights, expected = mx.split(joined.linear.weight, 3), []
    if clipped:
        joined.input_min, joined.input_max = mx.array([-0.5, -1.0, -0.2]), mx.array([0.4, 2.0, 0.1])
        joined.output_min, joined.output_max = mx.array([-0.1, -0.3, -0.2]), mx.array([0.2, 0.1, 0.05])
    for one, weight in enumerate(weights):
        alone = ClippedLinear(64, 5, clipped=clipped)
        alone.linear.weight = weight
        for bound in ("input_min", "input_max", "output_min", "output_max") if clipped else ():
            setattr(alone, bound, joined[bound][one])
        alone.linear = alone.linear.to_quantized(64, 8) if packed else alone.linear
        expected.append(np.array(alone(x)))
    joined.linear = joined.linear.to_quantized(64, 8) if packed else joined.linear
    np.testing.assert_allclose(np.array(joined.stacked(x)), np.stack(expected), atol=1e-6)
    np.testing.assert_allclose(np.stack([np.array(made) for made in joined.apart(x)]), np.stack(expected), atol=1e-6)


@pytest.mark.parametrize("kind", ["plain", "quantized", "other"])
def test_some_rows_of_a_linear_are_those_of_the_whole(kind: str) -> None:
    layer: nn.Module = nn.Linear(64, 12, bias=False)
    if kind == "quantized":
        layer = nn.QuantizedLinear.from_linear(layer, group_size=32, bits=8)
    if kind == "other":
        layer = nn.Sequential(layer)
    x = mx.random.normal((3, 64), key=mx.random.key(0))
    np.testing.assert_allclose(np.array(linear_rows(layer, x, 4, 9)), np.array(layer(x)[:, 4:9]), atol=1e-5)
