"""Nothing that runs needs an operation that MLX has for the CPU only: graphs of prefill, decoding and towers say so.

Every published size, shrunk, as it would run on a Mac: in bfloat16 or packed, with the forms that GPUs get. Graphs are
taken where `mx.eval` would compute them, so they are those of the real path; nothing is computed.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from mlx import nn
from mlx.utils import tree_flatten

from mlx_gemma4.bench.jobs import Job
from mlx_gemma4.bench.prompts import make_prompt
from mlx_gemma4.bench.random_folder import write_random_folder
from mlx_gemma4.bench.sizes import SIZES, shrunk
from mlx_gemma4.generation import soft_tokens
from mlx_gemma4.generation.sampling import Choice, Draw
from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.steps import DecodeSteps, Form
from mlx_gemma4.kernels import backend
from mlx_gemma4.kernels import choice as table
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.layers import norms
from mlx_gemma4.model.text import attention, packed_attention
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.requests import SamplingSettings
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.quantization import BLOCK_FLOAT_MODES, Packing
from mlx_gemma4.weights.recipe import protecting
from tests.unit.tiny_models import random_ids

WITHOUT_A_METAL_KERNEL = {"QRF", "SVD", "Inverse", "Cholesky", "Eig", "Eigh", "LUF"}
"""Primitives that MLX computes only on the CPU (mlx/backend/metal/primitives.cpp)."""

AS_ON_A_GPU = NumberPolicy(floats=None, keep_quantized=True)


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> list[mx.array]:
    """What would have been computed; every choice between forms is made as on a GPU."""
    for module in (norms, attention, packed_attention, backend):
        monkeypatch.setattr(module, "on_cpu", lambda: False)
    monkeypatch.setattr(table, "backend", lambda: "metal")
    kept: list[mx.array] = []

    def keep(*trees: Any) -> None:
        kept.extend(array for tree in trees for _, array in tree_flatten(tree) if isinstance(array, mx.array))

    monkeypatch.setattr(mx, "eval", keep)
    monkeypatch.setattr(mx, "async_eval", keep)
    return kept


def primitives(*arrays: mx.array) -> set[str]:
    """The names of the primitives of a graph; what is inside a fused kernel counts one by one."""
    dot = io.StringIO()
    mx.export_to_dot(dot, *arrays)
    labels = re.findall(r'label ?="([^"]+)", shape=rectangle', dot.getvalue())
    assert labels
    return {name for label in labels for name in re.findall(r"[A-Z]+[a-z]*", label.removeprefix("Compiled"))} | set(
        labels
    )


def _model(size: str, stored: str, folder: Path) -> Gemma4:
    choose = protecting(Packing(4, 64)) if stored == "4 bits" else lambda _name, _shape: None
    write_random_folder(shrunk(SIZES[size]), folder, choose)
    return load_model(folder, AS_ON_A_GPU)[0]


def _prompt(model: Gemma4) -> Prepared:
    """Text with a picture and, where it is heard, a sound, longer than the window."""
    seconds = 1.0 if model.config.audio else 0.0
    return make_prompt(Job("all", 50, 1, picture=(9, 6), sound_seconds=seconds), 1, model.config)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stored", ["bfloat16", "4 bits"])
def test_prefill_and_towers_have_no_primitive_that_metal_lacks(
    size: str, stored: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model = _model(size, stored, tmp_path)
    prompt = _prompt(model)
    graphs: list[mx.array] = request.getfixturevalue("graphs")  # from here on nothing is computed
    chunks = list(Session(model, chunk=16).prefill(prompt))
    assert len(chunks) > 3
    found = primitives(*graphs)
    assert {"Matmul" if stored == "bfloat16" else "QuantizedMatmul", "SliceUpdate"} <= found
    assert not found & WITHOUT_A_METAL_KERNEL
    soft = [soft_tokens.encode(model, item, item.start) for item in prompt.media]
    towers = [block.soft_SD for block in soft]
    assert not primitives(*towers) & WITHOUT_A_METAL_KERNEL
    assert {array.dtype for array in [*towers, *graphs]} == {mx.bfloat16}
    assert model.logits(prompt.token_ids, soft).dtype == mx.bfloat16


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stored", ["bfloat16", "4 bits"])
@pytest.mark.parametrize("form", ["whole", "segments"])
def test_decode_steps_of_every_kind_have_no_primitive_that_metal_lacks(
    size: str, stored: str, form: Form, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model = _model(size, stored, tmp_path)
    vocabulary = model.config.text.vocab_size
    request.getfixturevalue("graphs")
    session = Session(model, form=form)
    session.caches.reserve(64)
    steps = DecodeSteps(model, form, suppressed_ids=[vocabulary - 1])
    results: list[mx.array] = []
    for choice in Choice:
        draw = Draw.of(SamplingSettings(), vocabulary)
        step = steps.of(choice)(mx.array(5, mx.uint32), mx.array(3), draw, session.caches.arrays(), 3)
        results += [step.chosen, *step.arrays]
    found = primitives(*results)
    assert "Matmul" in found or "QuantizedMatmul" in found
    assert not found & WITHOUT_A_METAL_KERNEL
    assert {array.dtype for array in results} <= {mx.bfloat16, mx.float32, mx.uint32, mx.int32}


@pytest.mark.usefixtures("graphs")
@pytest.mark.parametrize("mode", BLOCK_FLOAT_MODES)
def test_block_floats_have_no_primitive_that_metal_lacks(mode: str) -> None:
    model = Gemma4(shrunk(SIZES["26B-A4B"]))
    bits, group_size = BLOCK_FLOAT_MODES[mode]
    nn.quantize(
        model.text,
        group_size,
        bits,
        mode=mode,
        class_predicate=lambda _, module: hasattr(module, "to_quantized") and module.weight.shape[-1] % group_size == 0,
    )
    found = primitives(model.logits(make_prompt(Job("text", 20, 1), 1, model.config).token_ids))
    assert {"QuantizedMatmul", "GatherQMM"} <= found
    assert not found & WITHOUT_A_METAL_KERNEL


@pytest.mark.parametrize("form", ["whole", "segments"])
def test_packed_keys_and_values_have_no_primitive_that_metal_lacks(form: Form, graphs: list[mx.array]) -> None:
    model = Gemma4(shrunk(SIZES["E2B"]))
    session = Session(model, form=form, packing=KVPacking(8, from_tokens=40))
    list(session.prefill(Prepared(random_ids(60))))
    session.caches.reserve(64)
    draw = Draw.of(SamplingSettings(), model.config.text.vocab_size)
    step = session.steps.of(Choice.LOGITS)(mx.array(5, mx.uint32), mx.array(59), draw, session.caches.arrays(), 59)
    found = primitives(step.chosen, *graphs)
    assert {"Quantize", "QuantizedMatmul"} <= found or {"AffineQuantize", "QuantizedMatmul"} <= found, found
    assert not found & WITHOUT_A_METAL_KERNEL


def test_the_check_of_primitives_sees_one_that_metal_lacks() -> None:
    q, _ = mx.linalg.qr(mx.ones((3, 3)), stream=mx.cpu)
    assert primitives(q * 2) & WITHOUT_A_METAL_KERNEL
