"""In every number format the model's paths agree with its own pass without a cache."""

from __future__ import annotations

import tempfile
from functools import cache

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.generation.steps import DecodeSteps, Form
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.conversion import save_quantized
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.cases import LONG_TEXT, TEXT_TOLERANCE, TWO_PICTURES, Case
from tests.parity.paths import PATHS, Path, Prompt, largest_difference, without_cache
from tests.parity.tiny_checkpoints import E2B_LIKE, make_weights

COMPUTED_ON_CPU = NumberPolicy(floats=mx.float32, keep_quantized=False)
KEPT_PACKED = NumberPolicy(floats=mx.float32, keep_quantized=True)


def _mixed(name: str, shape: tuple[int, ...]) -> Packing:
    return Packing(6 if "v_proj" in name else 4, 32)


FORMATS = {
    "bfloat16, computed in float32": (None, COMPUTED_ON_CPU),
    "8 bits, unpacked but the gathered table": (lambda name, shape: Packing(8, 32), COMPUTED_ON_CPU),
    "8 bits, kept packed": (lambda name, shape: Packing(8, 32), KEPT_PACKED),
    "4 and 6 bits, kept packed": (_mixed, KEPT_PACKED),
}


@cache
def _model(format_name: str) -> Gemma4:
    choose, policy = FORMATS[format_name]
    dtype = mx.float32 if choose else mx.bfloat16
    weights = {name: mx.array(values).astype(dtype) for name, values in make_weights(E2B_LIKE).items()}
    with tempfile.TemporaryDirectory() as plain, tempfile.TemporaryDirectory() as packed:
        write_checkpoint(plain, weights, E2B_LIKE)
        if choose is None:
            return load_model(plain, policy)[0]
        save_quantized(plain, packed, choose)
        return load_model(packed, policy)[0]


@cache
def _steps(format_name: str, form: Form) -> DecodeSteps:
    return DecodeSteps(_model(format_name), form)


@cache
def _logits(format_name: str, case: Case) -> np.ndarray:
    return without_cache(_model(format_name), case)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("form", ["whole", "segments"])
@pytest.mark.parametrize("case", [LONG_TEXT, TWO_PICTURES], ids=lambda case: case.name)
@pytest.mark.parametrize("path", [PATHS[0], PATHS[2]], ids=lambda path: path.name)
def test_paths_agree(format_name: str, form: Form, case: Case, path: Path) -> None:
    rows = path.rows(_model(format_name), _steps(format_name, form), Prompt.of(case))
    worst, agreeing, seen = largest_difference(rows, _logits(format_name, case))
    assert worst <= TEXT_TOLERANCE
    assert agreeing == seen
