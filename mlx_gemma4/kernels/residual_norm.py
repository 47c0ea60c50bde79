"""Add a normed branch to the residual stream, scale it, and norm it for who reads it next: four steps in one kernel.

Shapes: L rows, D width.
"""

from __future__ import annotations

from typing import NamedTuple

import mlx.core as mx

from mlx_gemma4.kernels.choice import uses_kernel
from mlx_gemma4.kernels.dialects import kernel


class Residual(NamedTuple):
    """The residual stream x [L, D], and the same normed for its next reader; None where nobody reads it so."""

    x_LD: mx.array
    normed_LD: mx.array | None


def fused_residual_norm(
    x_LD: mx.array,
    added_LD: mx.array,
    weight_D: mx.array,
    eps: float,
    scale: mx.array | None = None,
    next_weight_D: mx.array | None = None,
) -> Residual:
    """X + rms_norm(added)·weight, times the scale, and rms_norm of that·next weight, in one kernel.

    Rounded after every step as plain MLX rounds. All arrays have one dtype.

    Args:
        x_LD: the residual stream, any axes in front of the last.
        added_LD: what a branch adds to it, not yet normed.
        weight_D: of the branch's norm.
        eps: of both norms.
        scale: one number [1]; None for no scaling.
        next_weight_D: of the norm that follows; None for no such norm.
    """
    width = x_LD.shape[-1]
    threads = 512 if width > 2048 else 256
    with_scale, with_norm = scale is not None, next_weight_D is not None
    given = {"x": x_LD, "added": added_LD, "weight": weight_D}
    given |= {} if scale is None else {"scale": scale}
    given |= {} if next_weight_D is None else {"next_weight": next_weight_D}
    outputs = ("out", "normed") if with_norm else ("out",)
    name = f"residual_norm_{with_scale:d}{with_norm:d}_{eps:e}"
    run = kernel(name, tuple(given), outputs, source(eps, with_scale, with_norm))
    results = run(
        inputs=list(given.values()),
        template=[("T", x_LD.dtype), ("D", width), ("THREADS", threads)],
        grid=(x_LD.size // width * threads, 1, 1),
        threadgroup=(threads, 1, 1),
        output_shapes=[x_LD.shape] * (1 + with_norm),
        output_dtypes=[x_LD.dtype] * (1 + with_norm),
    )
    return Residual(results[0], results[1] if with_norm else None)


def has_kernel(x_LD: mx.array) -> bool:
    """Whether the kernel is to be used for this stream."""
    return uses_kernel("residual_norm") and x_LD.dtype in (mx.bfloat16, mx.float16, mx.float32)


def source(eps: float, with_scale: bool, with_norm: bool) -> str:
    """The kernel's body: a block of THREADS threads for every row of D numbers of type T."""
    scaled = "sum = static_cast<T>(static_cast<float>(sum) * static_cast<float>(scale[0]));" if with_scale else ""
    return _SUM % {"eps": f"{eps:e}f", "scaled": scaled} + (_NORM % {"eps": f"{eps:e}f"} if with_norm else "")


_SUM = """
  constexpr int EACH = (D + THREADS - 1) / THREADS;
  __shared__ float parts[32];
  const int place = threadIdx.x;
  const size_t first = static_cast<size_t>(blockIdx.x) * D;
  float values[EACH];
  float squares = 0.0f;
  for (int index = 0; index < EACH; ++index) {
    const int column = place + index * THREADS;
    values[index] = column < D ? static_cast<float>(added[first + column]) : 0.0f;
    squares += values[index] * values[index];
  }
  const float inverse = rsqrtf(block_sum<THREADS>(squares, parts) / D + %(eps)s);
  float squares_after = 0.0f;
  for (int index = 0; index < EACH; ++index) {
    const int column = place + index * THREADS;
    if (column < D) {
      const T unit = static_cast<T>(values[index] * inverse);
      const T branch = static_cast<T>(static_cast<float>(weight[column]) * static_cast<float>(unit));
      T sum = static_cast<T>(static_cast<float>(x[first + column]) + static_cast<float>(branch));
      %(scaled)s
      out[first + column] = sum;
      values[index] = static_cast<float>(sum);
      squares_after += values[index] * values[index];
    }
  }
"""
_NORM = """
  const float inverse_after = rsqrtf(block_sum<THREADS>(squares_after, parts) / D + %(eps)s);
  for (int index = 0; index < EACH; ++index) {
    const int column = place + index * THREADS;
    if (column < D) {
      const T unit = static_cast<T>(values[index] * inverse_after);
      normed[first + column] = static_cast<T>(static_cast<float>(next_weight[column]) * static_cast<float>(unit));
    }
  }
"""
