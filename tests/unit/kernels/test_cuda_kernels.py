"""CUDA kernels give what plain MLX gives, run thread by thread on the CPU."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.kernels import heads, residual_norm
from mlx_gemma4.kernels.block_sum import BLOCK_SUM
from mlx_gemma4.model.config import AttentionShape
from mlx_gemma4.model.layers.norms import RMSNorm, add_normed
from mlx_gemma4.model.layers.rope import Rotation, rope_frequencies
from mlx_gemma4.model.text.attention import Attention
from tests.unit.kernels.cuda_on_cpu import run_kernel
from tests.unit.tiny_models import TINY

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++ to compile the kernels with")
EPS = 1e-6
TYPES = {"float": (mx.float32, np.float32), "bfloat": (mx.bfloat16, np.uint16)}
TOLERANCE = {"float": 2e-6, "bfloat": 2**-6}  # of bfloat16: one step of numbers between 2 and 4


def raw(array: mx.array) -> np.ndarray:
    """The numbers as the shim takes them: bfloat16 as its bits."""
    return np.array(array.view(mx.uint16) if array.dtype == mx.bfloat16 else array)


def in_float32(array: np.ndarray, dtype: mx.Dtype) -> np.ndarray:
    """What the shim put out, as float32."""
    numbers = mx.array(array)
    return np.array((numbers.view(mx.bfloat16) if dtype == mx.bfloat16 else numbers).astype(mx.float32))


def norm_of(weight_D: mx.array) -> RMSNorm:
    norm = RMSNorm(len(weight_D), EPS)
    norm.weight = weight_D
    return norm


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    ("width", "with_scale", "with_norm"), [(192, False, True), (300, True, True), (96, True, False)]
)
def test_a_branch_joins_the_stream(tmp_path: Path, kind: str, width: int, with_scale: bool, with_norm: bool) -> None:
    rows, (dtype, numpy_type) = 3, TYPES[kind]
    mx.random.seed(width)
    x, added = (mx.random.normal((rows, width)).astype(dtype) for _ in range(2))
    weight, after = ((1 + 0.3 * mx.random.normal((width,))).astype(dtype) for _ in range(2))
    scale = mx.array([0.75], dtype)
    given = {"x": x, "added": added, "weight": weight}
    given |= ({"scale": scale} if with_scale else {}) | ({"next_weight": after} if with_norm else {})
    made = [np.zeros((rows, width), numpy_type) for _ in range(1 + with_norm)]
    run_kernel(
        tmp_path, BLOCK_SUM, residual_norm.source(EPS, with_scale, with_norm),
        {"T": kind, "D": width, "THREADS": 64}, [(name, kind, raw(array)) for name, array in given.items()],
        [(name, kind, array) for name, array in zip(("out", "normed"), made, strict=False)], (rows, 1),
    )  # fmt: skip
    expected = add_normed(
        x, added, norm_of(weight), scale=scale if with_scale else None, then=norm_of(after) if with_norm else None
    )
    for found, wanted in zip(made, expected, strict=False):
        assert wanted is not None
        wanted = np.array(wanted.astype(mx.float32))
        np.testing.assert_allclose(in_float32(found, dtype), wanted, rtol=0, atol=TOLERANCE[kind])


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("form", ["owner", "values are keys", "borrower", "keys and values alone"])
def test_heads_are_normed_turned_and_parted(tmp_path: Path, kind: str, form: str) -> None:
    tokens, head_dim, all_queries, kv_heads = 3, 128, 4, 0 if form == "borrower" else 2
    dtype, numpy_type = TYPES[kind]
    shared = form == "values are keys"
    shape = AttentionShape(
        kv_heads=2, head_dim=head_dim, rope_theta=1e4, rotated_fraction=0.25, window=None, values_are_keys=shared
    )
    attention = Attention(replace(TINY.text, query_heads=all_queries), shape, borrows=form == "borrower")
    mx.random.seed(7)
    for norm in [attention.q_norm, *([attention.k_norm] if kv_heads else [])]:
        norm.weight = (1 + 0.3 * mx.random.normal((head_dim,))).astype(dtype)
    queries = 0 if form == "keys and values alone" else all_queries
    width = (queries + kv_heads * (1 if shared else 2)) * head_dim
    projected = mx.random.normal((tokens, width)).astype(dtype)
    rotation = Rotation.of(mx.array([0, 5, 901]), rope_frequencies(head_dim, 1e4, 0.25))
    expected = attention._normed_and_rotated(projected, queries, rotation)

    inputs = [("projected", kind, raw(projected))]
    inputs += [("q_norm", kind, raw(attention.q_norm.weight))] * (queries > 0)
    inputs += [("k_norm", kind, raw(attention.k_norm.weight))] if kv_heads else []
    inputs += [("cosines", "float", np.array(rotation.cos)), ("sines", "float", np.array(rotation.sin))]
    made = {"queries": np.zeros((queries, tokens, head_dim), numpy_type)} if queries else {}
    made |= {name: np.zeros((kv_heads, tokens, head_dim), numpy_type) for name in ("keys", "values") if kv_heads}
    run_kernel(
        tmp_path, BLOCK_SUM, heads.source(EPS, queries > 0, kv_heads > 0, shared),
        {"T": kind, "H": head_dim, "N": queries, "K": kv_heads, "THREADS": head_dim // 2}, inputs,
        [(name, kind, array) for name, array in made.items()], (width // head_dim, tokens),
    )  # fmt: skip
    wanted = dict(zip(("queries", "keys", "values"), expected, strict=True))
    for name, found in made.items():
        array = wanted[name]
        assert array is not None
        np.testing.assert_allclose(
            in_float32(found, dtype), np.array(array.astype(mx.float32)), rtol=0, atol=TOLERANCE[kind], err_msg=name
        )
