"""CUDA kernels give what plain MLX gives, run thread by thread on the CPU."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.kernels import dialects, row_attention
from mlx_gemma4.kernels.backend import as_on
from mlx_gemma4.kernels.heads import fused_heads
from mlx_gemma4.kernels.packed_rows import Packing
from mlx_gemma4.kernels.residual_norm import fused_residual_norm
from mlx_gemma4.model.config import AttentionShape
from mlx_gemma4.model.layers.norms import RMSNorm, add_normed
from mlx_gemma4.model.layers.rope import Rotation, rope_frequencies
from mlx_gemma4.model.text.attention import Attention
from tests.kernels.attention_cases import Case, error
from tests.unit.kernels.cuda_on_cpu import cuda_kernel
from tests.unit.tiny_models import TINY

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++ to compile the kernels with")
EPS = 1e-6
TOLERANCE = {mx.float32: 2e-6, mx.bfloat16: 2**-6}  # of bfloat16: one step of numbers between 2 and 4
ATTENTION = {
    "one pass": (Case(64, 2, 2, slots=48), 29),
    "a ring": (Case(64, window=32, slots=32, group=2), 100),
    "blocks, merged": (Case(32, 2, 2, slots=64, blocks=2), 40),
    "rows behind a ring": (Case(64, 1, 2, rows=3, window=16, slots=19, behind=True), 30),
}


@pytest.fixture(autouse=True)
def _on_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(mx.fast, "cuda_kernel", cuda_kernel(tmp_path))
    monkeypatch.setattr(row_attention, "_WARPS_OF_BACKEND", {"cuda": 3})  # a thread of the machine for each thread
    dialects._cuda_kernel.cache_clear()
    with as_on("cuda"):
        yield
    dialects._cuda_kernel.cache_clear()


def assert_close(found: mx.array | None, wanted: mx.array | None, dtype: mx.Dtype) -> None:
    assert found is not None and wanted is not None and found.shape == wanted.shape
    pair = [np.array(array.astype(mx.float32)) for array in (found, wanted)]
    np.testing.assert_allclose(*pair, rtol=0, atol=TOLERANCE[dtype])


def norm_of(weight_D: mx.array) -> RMSNorm:
    norm = RMSNorm(len(weight_D), EPS)
    norm.weight = weight_D
    return norm


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    ("width", "with_scale", "with_norm"), [(192, False, True), (300, True, True), (96, True, False)]
)
def test_a_branch_joins_the_stream(dtype: mx.Dtype, width: int, with_scale: bool, with_norm: bool) -> None:
    mx.random.seed(width)
    x, added = (mx.random.normal((3, width)).astype(dtype) for _ in range(2))
    weight, after = ((1 + 0.3 * mx.random.normal((width,))).astype(dtype) for _ in range(2))
    scale = mx.array([0.75], dtype) if with_scale else None
    found = fused_residual_norm(x, added, weight, EPS, scale, after if with_norm else None)
    expected = add_normed(x, added, norm_of(weight), scale=scale, then=norm_of(after) if with_norm else None)
    assert_close(found.x_LD, expected.x_LD, dtype)
    if with_norm:
        assert_close(found.normed_LD, expected.normed_LD, dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("form", ["owner", "values are keys", "borrower", "keys and values alone"])
def test_heads_are_normed_turned_and_parted(dtype: mx.Dtype, form: str) -> None:
    head_dim, all_queries, kv_heads = 128, 4, 0 if form == "borrower" else 2
    shared = form == "values are keys"
    shape = AttentionShape(
        kv_heads=2, head_dim=head_dim, rope_theta=1e4, rotated_fraction=0.25, window=None, values_are_keys=shared
    )
    attention = Attention(replace(TINY.text, query_heads=all_queries), shape, borrows=form == "borrower")
    mx.random.seed(7)
    for norm in [attention.q_norm, *([attention.k_norm] if kv_heads else [])]:
        norm.weight = (1 + 0.3 * mx.random.normal((head_dim,))).astype(dtype)
    queries = 0 if form == "keys and values alone" else all_queries
    projected = mx.random.normal((3, (queries + kv_heads * (1 if shared else 2)) * head_dim)).astype(dtype)
    rotation = Rotation.of(mx.array([0, 5, 901]), rope_frequencies(head_dim, 1e4, 0.25))
    with as_on("cpu"):
        expected = attention._normed_and_rotated(projected, queries, rotation)
    made = fused_heads(
        projected, attention.q_norm.weight, attention.k_norm.weight if kv_heads else None, *rotation,
        queries=queries, kv_heads=kv_heads, values_are_keys=shared, eps=EPS,
    )  # fmt: skip
    wanted = [array for array in expected if array is not None and array.size]
    for array, other in zip(made, wanted, strict=True):
        assert_close(array, other, dtype)


@pytest.mark.parametrize("case", ATTENTION)
@pytest.mark.parametrize("dtype", [mx.float32, mx.bfloat16])
def test_attention_over_a_cache(dtype: mx.Dtype, case: str) -> None:
    shape, first = ATTENTION[case]
    arrays = shape.draw(dtype)
    assert error(shape.ours(arrays, first), shape.exact(arrays, first)) < (1e-5 if dtype == mx.float32 else 2**-7)


@pytest.mark.parametrize("packing", [Packing(8, 64), Packing(4, 32)])
def test_attention_over_packed_rows(packing: Packing) -> None:
    shape, first = ATTENTION["one pass"]
    found, amounts = shape.packed(shape.draw(mx.float32), first, packing)
    assert error(found, shape.exact(amounts, first)) < 1e-5
