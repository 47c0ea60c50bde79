"""The kernels around norms are as exact as the plain MLX that they replace, in every form, and each fault is seen."""

from __future__ import annotations

from dataclasses import replace

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.kernels import gated_gelu, heads, residual_norm
from mlx_gemma4.kernels.backend import as_on
from mlx_gemma4.model.config import AttentionShape
from mlx_gemma4.model.layers import activations
from mlx_gemma4.model.layers.norms import RMSNorm, add_normed
from mlx_gemma4.model.layers.rope import Rotation, rope_frequencies
from mlx_gemma4.model.text.attention import Attention
from tests.kernels.shim.machine import KernelFaultError, check_types
from tests.kernels.shim.patched import OnCPU
from tests.unit.tiny_models import TINY

EPS = 1e-6
TYPES = {"float32": mx.float32, "float16": mx.float16, "bfloat16": mx.bfloat16}
full = pytest.mark.full
each_type = pytest.mark.parametrize(
    "dtype", [pytest.param("float32", marks=full), pytest.param("float16", marks=full), "bfloat16"]
)
AS_EXACT_AS_PLAIN = 2
ONE_ROUNDING = {"float32": 2**-22, "float16": 2**-10, "bfloat16": 2**-7}
"""Of numbers up to 8: what an exact result may be off by for its dtype alone."""


def exact_norm(x: np.ndarray, weight: np.ndarray | float = 1.0) -> np.ndarray:
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + EPS) * weight


def in_float64(array: mx.array) -> np.ndarray:
    return np.array(array.astype(mx.float32)).astype(np.float64)


def off(found: mx.array, exact: np.ndarray) -> float:
    """The largest error; infinite where something is no number."""
    error = np.abs(in_float64(found) - exact)
    return float(error.max()) if np.isfinite(error).all() else float("inf")


def norm_of(weight_D: mx.array) -> RMSNorm:
    norm = RMSNorm(len(weight_D), EPS)
    norm.weight = weight_D
    return norm


def residual(dtype: str, width: int, rows: int = 3) -> dict[str, mx.array]:
    mx.random.seed(width)
    made = {name: mx.random.normal((rows, width)) for name in ("x", "added")}
    made |= {name: 1 + 0.3 * mx.random.normal((width,)) for name in ("weight", "then")} | {"scale": mx.array([0.75])}
    return {name: array.astype(TYPES[dtype]) for name, array in made.items()}


def by_kernel(a: dict[str, mx.array], *, scale: bool = True, then: bool = True) -> residual_norm.Residual:
    with as_on("metal"):
        return residual_norm.fused_residual_norm(
            a["x"], a["added"], a["weight"], EPS, a["scale"] if scale else None, a["then"] if then else None
        )


@pytest.mark.usefixtures("on_cpu")
@each_type
@pytest.mark.parametrize(
    ("width", "scale", "then"),
    [
        (1536, True, True),
        pytest.param(1536, False, True, marks=full),
        pytest.param(1536, True, False, marks=full),
        pytest.param(300, False, False, marks=full),
    ],
)
def test_a_branch_joins_the_stream(dtype: str, scale: bool, then: bool, width: int) -> None:
    a = residual(dtype, width)
    found = by_kernel(a, scale=scale, then=then)
    plain = add_normed(
        a["x"], a["added"], norm_of(a["weight"]),
        scale=a["scale"] if scale else None, then=norm_of(a["then"]) if then else None,
    )  # fmt: skip
    b = {name: in_float64(array) for name, array in a.items()}
    x = (b["x"] + exact_norm(b["added"], b["weight"])) * (b["scale"] if scale else 1)
    assert off(found.x_LD, x) <= AS_EXACT_AS_PLAIN * off(plain.x_LD, x)
    if then:
        assert found.normed_LD is not None and plain.normed_LD is not None
        exact = exact_norm(x, b["then"])
        assert off(found.normed_LD, exact) <= AS_EXACT_AS_PLAIN * off(plain.normed_LD, exact)


FORMS = {
    "owner": (4, 2, False),
    "values are keys": (4, 2, True),
    "borrower": (4, 0, False),
    "keys and values alone": (0, 2, False),
}


@pytest.mark.usefixtures("on_cpu")
@each_type
@pytest.mark.parametrize(
    ("form", "head_dim"),
    [("owner", 512), *(pytest.param(f, 256 if f == "borrower" else 512, marks=full) for f in FORMS if f != "owner")],
)
def test_heads_are_normed_turned_and_parted(dtype: str, form: str, head_dim: int) -> None:
    queries, kv_heads, shared = FORMS[form]
    shape = AttentionShape(
        kv_heads=2, head_dim=head_dim, rope_theta=1e4, rotated_fraction=0.25, window=None, values_are_keys=shared
    )
    layer = Attention(replace(TINY.text, query_heads=4), shape, borrows=form == "borrower")
    mx.random.seed(7)
    for norm in [layer.q_norm, *([layer.k_norm] if kv_heads else [])]:
        norm.weight = (1 + 0.3 * mx.random.normal((head_dim,))).astype(TYPES[dtype])
    projected = mx.random.normal((3, (queries + kv_heads * (1 if shared else 2)) * head_dim)).astype(TYPES[dtype])
    rotation = Rotation.of(mx.array([0, 5, 901]), rope_frequencies(head_dim, 1e4, 0.25))
    plain = [array for array in layer._normed_and_rotated(projected, queries, rotation) if array is not None]
    with as_on("metal"):
        found = heads.fused_heads(
            projected, layer.q_norm.weight, layer.k_norm.weight if kv_heads else None, *rotation,
            queries=queries, kv_heads=kv_heads, values_are_keys=shared, eps=EPS,
        )  # fmt: skip
    for ours, theirs, exact in zip(found, plain[queries == 0 :], exact_heads(layer, projected, rotation, queries),
                                   strict=True):  # fmt: skip
        assert off(ours, exact) <= AS_EXACT_AS_PLAIN * off(theirs, exact)


def exact_heads(layer: Attention, projected: mx.array, rotation: Rotation, queries: int) -> list[np.ndarray]:
    """Queries, keys and values [A, L, H] in float64, where there are some."""
    cos, sin = in_float64(rotation.cos), in_float64(rotation.sin)
    x = in_float64(projected).reshape(3, -1, layer.head_dim).swapaxes(0, 1)

    def turned(part: np.ndarray, norm: RMSNorm) -> np.ndarray:
        normed = exact_norm(part, in_float64(norm.weight))
        return normed * cos + np.roll(normed, layer.head_dim // 2, axis=-1) * sin

    made = [turned(x[:queries], layer.q_norm)] if queries else []
    if layer.kv_heads:
        keys = x[queries : queries + layer.kv_heads]
        made += [turned(keys, layer.k_norm), exact_norm(keys if layer.values_are_keys else x[-layer.kv_heads :])]
    return made


@pytest.mark.usefixtures("on_cpu")
@each_type
@pytest.mark.parametrize("joined", [True, pytest.param(False, marks=full)])
def test_a_gate_is_applied(dtype: str, joined: bool) -> None:
    mx.random.seed(3)
    gate_up = (3 * mx.random.normal((5, 600))).astype(TYPES[dtype])
    gate, up = mx.split(gate_up, 2, axis=-1)
    with as_on("metal"):
        found = gated_gelu.fused_gated_gelu(gate_up) if joined else gated_gelu.fused_gated_gelu_by(gate, up)
    g, u = in_float64(gate), in_float64(up)
    exact = 0.5 * g * (1 + np.tanh(np.sqrt(2 / np.pi) * (g + 0.044715 * g**3))) * u
    assert off(found, exact) <= AS_EXACT_AS_PLAIN * off(activations.gated_gelu(gate, up), exact)


FAULTS = {
    "a missing barrier": ("value;\n  }\n  threadgroup_barrier(mem_flags::mem_threadgroup);", "value;\n  }"),
    "a simd operation of half the lanes": ("value = simd_sum(value);", "if (lane < 16) value = simd_sum(value);"),
    "a write past the end": ("if (column < D) {", "if (column < D + 64) {"),
    "a part that is not written": ("out[first + column] = sum;", "if (column > 3) out[first + column] = sum;"),
    "an uninitialised sum": ("float squares = 0.0f;", "float squares;"),
    "a norm of the wrong numbers": ("squares_after += values", "squares_after += 0.5f * values"),
}  # fmt: skip


@pytest.mark.parametrize("fault", [pytest.param(f, marks=full if i else ()) for i, f in enumerate(FAULTS)])
def test_each_fault_is_seen(fault: str, on_cpu: OnCPU) -> None:
    on_cpu.change = FAULTS[fault]
    a = residual("float32", 300)
    b = {name: in_float64(array) for name, array in a.items()}
    x = (b["x"] + exact_norm(b["added"], b["weight"])) * b["scale"]
    try:
        found = by_kernel(a)
        assert found.normed_LD is not None
        errors = [off(found.x_LD, x), off(found.normed_LD, exact_norm(x, b["then"]))]
    except KernelFaultError:
        errors = [float("inf")]
    assert on_cpu.changed
    assert max(errors) > 1e-3


def test_pointers_keep_to_their_address_spaces(on_cpu: OnCPU) -> None:
    by_kernel(residual("bfloat16", 1536))
    test_heads_are_normed_turned_and_parted("bfloat16", "owner", 512)
    for kernel in on_cpu.seen:
        check_types(kernel)
