"""What the tests of parity start from: tiny models, stored reference arrays, compiled steps. Made once each."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mlx_gemma4.generation.steps import DecodeSteps, Form
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.tiny_checkpoints import CONFIGS, make_weights

STORED = Path(__file__).parent / "reference_arrays"
FLOAT32 = NumberPolicy(floats=mx.float32, keep_quantized=False)


@cache
def tiny_model(name: str) -> Gemma4:
    """Our model of one of the tiny checkpoints, loaded from a folder in float32."""
    with tempfile.TemporaryDirectory() as folder:
        weights = {tensor: mx.array(values) for tensor, values in make_weights(CONFIGS[name]).items()}
        write_checkpoint(folder, weights, CONFIGS[name])
        return load_model(folder, FLOAT32)[0]


@cache
def compiled_steps(name: str, form: Form, suppressed_ids: tuple[int, ...] = ()) -> DecodeSteps:
    """Decode steps of a tiny model, shared by all tests because tracing takes most of their time."""
    return DecodeSteps(tiny_model(name), form, suppressed_ids)


@cache
def reference_arrays(name: str) -> dict[str, NDArray]:
    """The reference's outputs for a tiny checkpoint, as stored in the repository."""
    with np.load(STORED / f"{name}.npz") as stored:
        return dict(stored)
