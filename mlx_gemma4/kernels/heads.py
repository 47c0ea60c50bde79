"""Norm, rotate and part the heads of a joined projection: one kernel for a norm, a swap of halves, a rotation, a split.

Shapes: L tokens, N query heads, K kv heads, H head dim, A all heads of the projection.
"""

from __future__ import annotations

import mlx.core as mx

from mlx_gemma4.kernels.choice import uses_kernel
from mlx_gemma4.kernels.dialects import kernel


def has_kernel(projected: mx.array, head_dim: int) -> bool:
    """Whether the kernel is to be used for this projection into heads of a size."""
    return (
        uses_kernel("heads")
        and projected.ndim == 2
        and head_dim % 64 == 0  # two dims a thread, whole warps
        and projected.dtype in (mx.bfloat16, mx.float16, mx.float32)
    )


def fused_heads(
    projected: mx.array,
    q_norm_H: mx.array,
    k_norm_H: mx.array | None,
    cos_LH: mx.array,
    sin_LH: mx.array,
    *,
    queries: int,
    kv_heads: int,
    values_are_keys: bool,
    eps: float,
) -> list[mx.array]:
    """Queries [N, L, H], then keys and values [K, L, H] where there are some.

    Queries and keys are normed, weighed and turned, values only normed. Norms are rounded to the projection's dtype as
    plain MLX rounds them; weighing and turning happen in float32.

    Args:
        projected: [L, A·H]: query heads, key heads, and value heads unless values are keys.
        q_norm_H: weight of the queries' norm.
        k_norm_H: weight of the keys' norm; None without keys.
        cos_LH: float32; of every dim's rotation.
        sin_LH: float32; negative in the first half.
        queries: N, may be 0 where nobody asks.
        kv_heads: K, may be 0.
        values_are_keys: keys before weighing and turning are the values.
        eps: of the norms.
    """
    head_dim = cos_LH.shape[-1]
    tokens, width = projected.shape
    threads = head_dim // 2
    shapes = [(queries, tokens, head_dim)] * (queries > 0) + [(kv_heads, tokens, head_dim)] * (2 * (kv_heads > 0))
    weights = [q_norm_H] * (queries > 0) + ([k_norm_H] if k_norm_H is not None and kv_heads else [])
    template = [("T", projected.dtype), ("H", head_dim), ("N", queries), ("K", kv_heads), ("THREADS", threads)]
    with_queries, with_keys = queries > 0, kv_heads > 0
    inputs = ["projected", *["q_norm"] * with_queries, *["k_norm"] * with_keys, "cosines", "sines"]
    outputs = ["queries"] * with_queries + ["keys", "values"] * with_keys
    name = f"heads_{with_queries:d}{with_keys:d}{values_are_keys:d}_{eps:e}"
    run = kernel(name, tuple(inputs), tuple(outputs), source(eps, with_queries, with_keys, values_are_keys))
    return run(
        inputs=[projected, *weights, cos_LH, sin_LH],
        template=template,
        grid=(width // head_dim * threads, tokens, 1),
        threadgroup=(threads, 1, 1),
        output_shapes=shapes,
        output_dtypes=[projected.dtype] * len(shapes),
    )


def source(eps: float, with_queries: bool, with_keys: bool, values_are_keys: bool) -> str:
    """The kernel's body: a block of H / 2 threads for every head of every token, two dims a thread."""
    turned = [_TURN % {"when": "head < N", "norm": "q_norm", "to": "queries", "first": "0"}] * with_queries
    turned += [_TURN % {"when": "head >= N && head < N + K", "norm": "k_norm", "to": "keys", "first": "N"}] * with_keys
    still = [_STILL % {"first": "N" if values_are_keys else "N + K"}] * with_keys
    return _NORM % {"eps": f"{eps:e}f"} + "".join(turned + still)


_NORM = """
  __shared__ float parts[32];
  const int head = blockIdx.x, token = blockIdx.y, tokens = gridDim.y;
  const int low = threadIdx.x, high = low + H / 2;
  const size_t from = (static_cast<size_t>(token) * gridDim.x + head) * H;
  const float x_low = static_cast<float>(projected[from + low]), x_high = static_cast<float>(projected[from + high]);
  const float inverse = rsqrtf(block_sum<THREADS>(x_low * x_low + x_high * x_high, parts) / H + %(eps)s);
  const T unit_low = static_cast<T>(x_low * inverse), unit_high = static_cast<T>(x_high * inverse);
"""
_TURN = """
  if (%(when)s) {
    const float* cosine = cosines + static_cast<size_t>(token) * H;
    const float* sine = sines + static_cast<size_t>(token) * H;
    const float w_low = static_cast<float>(%(norm)s[low]), w_high = static_cast<float>(%(norm)s[high]);
    const float y_low = static_cast<float>(unit_low), y_high = static_cast<float>(unit_high);
    const size_t to = (static_cast<size_t>(head - %(first)s) * tokens + token) * H;
    %(to)s[to + low] = static_cast<T>(y_low * (w_low * cosine[low]) + y_high * (w_high * sine[low]));
    %(to)s[to + high] = static_cast<T>(y_high * (w_high * cosine[high]) + y_low * (w_low * sine[high]));
  }
"""
_STILL = """
  if (head >= %(first)s) {
    const size_t to = (static_cast<size_t>(head - (%(first)s)) * tokens + token) * H;
    values[to + low] = unit_low;
    values[to + high] = unit_high;
  }
"""
