"""gelu(gate) × up in one kernel that computes in float32 and rounds once; halves of a projection stay joined.

Plain MLX rounds every step of the chain, and in prefill reads the halves through a view.

Shapes: L rows, F width.
"""

from __future__ import annotations

import math

import mlx.core as mx

from mlx_gemma4.kernels.choice import uses_kernel
from mlx_gemma4.kernels.dialects import kernel

_THREADS = 256


def has_kernel(x: mx.array) -> bool:
    """Whether the kernel is to be used for arrays like this one."""
    return uses_kernel("gated_gelu") and x.dtype in (mx.bfloat16, mx.float16, mx.float32)


def fused_gated_gelu(gate_up_LF: mx.array) -> mx.array:
    """gelu_tanh of the first half of the last axis, times the second: [L, F] of [L, 2F], any axes in front."""
    *rows, joined = gate_up_LF.shape
    source = _BODY % {"gate": "gate_up[row * 2 * F + column]", "up": "gate_up[row * 2 * F + F + column]"}
    return _run("gated_gelu_joined", {"gate_up": gate_up_LF}, source, (*rows, joined // 2))


def fused_gated_gelu_by(gate_LF: mx.array, up_LF: mx.array) -> mx.array:
    """gelu_tanh(gate) × up of two arrays of one shape and dtype, as for per-layer embeddings."""
    source = _BODY % {"gate": "gate[index]", "up": "up[index]"}
    return _run("gated_gelu", {"gate": gate_LF, "up": up_LF}, source, gate_LF.shape)


def _run(name: str, given: dict[str, mx.array], source: str, shape: tuple[int, ...]) -> mx.array:
    dtype = next(iter(given.values())).dtype
    return kernel(name, tuple(given), ("out",), source)(
        inputs=list(given.values()),
        template=[("T", dtype), ("F", shape[-1]), ("THREADS", _THREADS)],
        grid=(math.prod(shape), 1, 1),
        threadgroup=(_THREADS, 1, 1),
        output_shapes=[shape],
        output_dtypes=[dtype],
    )[0]


_BODY = """
  const size_t index = static_cast<size_t>(blockIdx.x) * THREADS + threadIdx.x;
  const size_t row = index / F, column = index %% F;
  const float g = static_cast<float>(%(gate)s), u = static_cast<float>(%(up)s);
  const float inner = g * (1.5957691216057308f + 0.07135481627362f * (g * g));
  out[index] = static_cast<T>(g * u / (1.0f + expf(-inner)));
"""
