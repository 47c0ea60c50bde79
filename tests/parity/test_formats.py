"""In every number format the model's paths agree with its own pass without a cache."""

from __future__ import annotations

import tempfile
from functools import cache

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.generation.steps import DecodeSteps, Form
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.layers.expert_linear import QuantizedExpertLinear
from mlx_gemma4.weights.conversion import save_quantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.cases import LONG_TEXT, TEXT_TOLERANCE, TWO_PICTURES, Case
from tests.parity.paths import PATHS, Path, Prompt, largest_difference, without_cache
from tests.parity.tiny_checkpoints import A4B_26B_LIKE, E2B_LIKE, make_weights

COMPUTED_ON_CPU = NumberPolicy(floats=mx.float32, keep_quantized=False)
KEPT_PACKED = NumberPolicy(floats=mx.float32, keep_quantized=True)


def _eight_bits(name: str, shape: tuple[int, ...]) -> Packing | None:
    return Packing(8, 32) if shape[-1] % 32 == 0 else None  # the tower's attention of two heads of 72 is not


def _mixed(name: str, shape: tuple[int, ...]) -> Packing | None:
    if shape[-1] % 32:
        return None
    return Packing(6 if "v_proj" in name or "switch_glu.gate_proj" in name else 4, 32)


FORMATS = {
    "bfloat16, computed in float32": (None, COMPUTED_ON_CPU),
    "8 bits, unpacked but the gathered table": (_eight_bits, COMPUTED_ON_CPU),
    "8 bits, kept packed": (_eight_bits, KEPT_PACKED),
    "4 and 6 bits, kept packed": (_mixed, KEPT_PACKED),
}
CHECKPOINTS = {"e2b_like": E2B_LIKE, "26b_like": A4B_26B_LIKE}

each_checkpoint = pytest.mark.parametrize("name", CHECKPOINTS)
each_format = pytest.mark.parametrize("format_name", FORMATS)


@cache
def _model(name: str, format_name: str) -> Gemma4:
    config, (choose, policy) = CHECKPOINTS[name], FORMATS[format_name]
    dtype = mx.float32 if choose else mx.bfloat16
    weights = {tensor: mx.array(values).astype(dtype) for tensor, values in make_weights(config).items()}
    with tempfile.TemporaryDirectory() as plain, tempfile.TemporaryDirectory() as packed:
        write_checkpoint(plain, weights, config)
        if choose is None:
            return load_model(plain, policy)[0]
        save_quantized(plain, packed, choose)
        return load_model(packed, policy)[0]


@cache
def _steps(name: str, format_name: str, form: Form) -> DecodeSteps:
    return DecodeSteps(_model(name, format_name), form)


@cache
def _logits(name: str, format_name: str, case: Case) -> np.ndarray:
    return without_cache(_model(name, format_name), case)


@each_checkpoint
@each_format
@pytest.mark.parametrize("form", ["whole", "segments"])
@pytest.mark.parametrize("case", [LONG_TEXT, TWO_PICTURES], ids=lambda case: case.name)
@pytest.mark.parametrize("path", [PATHS[0], PATHS[2]], ids=lambda path: path.name)
def test_paths_agree(name: str, format_name: str, form: Form, case: Case, path: Path) -> None:
    rows = path.rows(_model(name, format_name), _steps(name, format_name, form), Prompt.of(case))
    worst, agreeing, seen = largest_difference(rows, _logits(name, format_name, case))
    assert worst <= TEXT_TOLERANCE
    assert agreeing == seen


@each_format
def test_experts_stay_packed_where_matrices_do(format_name: str) -> None:
    mixture = _model("26b_like", format_name).text.layers[0].mixture
    assert mixture is not None
    kept = FORMATS[format_name][1].keep_quantized
    for linear in (mixture.experts.gate_up_proj, mixture.experts.down_proj):
        assert isinstance(linear, QuantizedExpertLinear) == kept
        assert linear.weight.dtype == (mx.uint32 if kept else mx.float32)


def test_packed_experts_compute_what_their_values_do() -> None:
    """One stack of matrices in 8 bits, packed and not: any difference is of roundings."""
    packed, unpacked = (_logits("26b_like", name, LONG_TEXT) for name in FORMATS if name.startswith("8 bits"))
    np.testing.assert_allclose(packed, unpacked, rtol=0, atol=TEXT_TOLERANCE)
