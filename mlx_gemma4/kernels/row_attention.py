"""Attention of a few new rows over a cache: how many rows are written is read from an array.

MLX's fused attention takes the number of keys from a shape. In Metal it takes no array mask at head dim 512, so that a
step that is compiled once cannot use it; in CUDA it falls apart into many operations at head dims 256 and 512. This
kernel reads the newest row's position, and skips what is not written or not in the window any more. Keys and values may
be packed.

Shapes: K kv heads, G query heads per kv head, N = K·G query heads, L query rows (1 to 8), C slots of the cache,
H head dim.
"""

from __future__ import annotations

from collections.abc import Mapping

import mlx.core as mx

from mlx_gemma4.kernels.backend import Backend, backend
from mlx_gemma4.kernels.choice import uses_kernel
from mlx_gemma4.kernels.dialects import kernel
from mlx_gemma4.kernels.packed_rows import Packed, Packing, Rows, arrays_of, packing_of, slots_of
from mlx_gemma4.kernels.row_attention_source import (
    HELPERS,
    MERGE,
    PACKED_ROW,
    PLAIN_ROW,
    attention_body,
)

MOST_ROWS = 8
_ONE_PASS_SLOTS = 1_024
"""Up to so many slots a query head's keys are shared by the warps of one block, as in MLX's own kernel for Metal."""
_WARPS_OF_BACKEND: Mapping[Backend, int] = {"cpu": 32, "cuda": 16, "metal": 32}
"""How many share them; with 32 in CUDA a thread has just the 64 registers that it needs at head dim 512."""
_SLOTS_OF_A_BLOCK, _MOST_BLOCKS = 128, 32


def has_kernel(q_NLH: mx.array, keys: Rows) -> bool:
    """Whether the kernel is to be used for these queries and keys."""
    return (
        uses_kernel("attention")
        and q_NLH.ndim == 3
        and q_NLH.shape[-2] <= MOST_ROWS
        and q_NLH.shape[-1] % 32 == 0
        and q_NLH.dtype == arrays_of(keys)[-1].dtype
        and q_NLH.dtype in (mx.bfloat16, mx.float16, mx.float32)
    )


def row_attention(
    q_NLH: mx.array,
    keys: Rows,
    values: Rows,
    first: mx.array,
    *,
    window: int = 0,
    behind: bool = False,
    blocks: int | None = None,
) -> mx.array:
    """Softmax attention at scale 1 of L rows, whose keys and values are in the cache already: [L, N·H].

    Position p is in slot p, or p mod C where there is a window; or, where the new rows are behind a ring, it is in slot
    p mod window and row i in slot window + i. Row i is at position first + i, and sees itself and what comes before it:
    all of it, or window − 1 rows.

    Args:
        q_NLH: queries.
        keys: [K, C, H], or packed.
        values: likewise.
        first: position of the first row, an int32 scalar.
        window: 0 for none; else C is at least window + L − 1, so that no row in the window is overwritten.
        behind: C is window + L: a ring without the new rows, and then these.
        blocks: into how many parts the keys are cut, each with a block of threads of its own; None decides by C.
    """
    query_heads, rows, head_dim = q_NLH.shape
    kv_heads, slots = arrays_of(keys)[0].shape[0], slots_of(keys)
    blocks = _blocks_for(slots) if blocks is None else blocks
    readers = query_heads * rows // kv_heads
    together = 1 if blocks == 1 else min(readers, 4 if head_dim <= 256 else 2)
    simdgroups = _WARPS_OF_BACKEND[backend()] if blocks == 1 else 8
    parts = {"keys": keys, "values": values}
    arrays = {
        name if field == "rows" else f"{name}_{field}": array
        for name, part in parts.items()
        for field, array in (part._asdict() if isinstance(part, Packed) else {"rows": part}).items()
    }
    bits, group = packing_of(keys, head_dim) if isinstance(keys, Packed) else Packing(0, 0)
    outputs = ("out",) if blocks == 1 else ("partial", "weights")
    run = kernel(
        f"attention_{'part' if blocks > 1 else 'whole'}_{bits}_{group}",
        ("queries", *arrays, "first"), outputs,
        attention_body(packed=bits > 0, whole=blocks == 1),
        HELPERS + (PACKED_ROW if bits else PLAIN_ROW),
    )  # fmt: skip
    made = run(
        inputs=[q_NLH, *arrays.values(), first],
        template=[
            ("T", q_NLH.dtype), ("D", head_dim), ("WINDOW", window), ("BEHIND", behind),
            ("SIMDGROUPS", simdgroups), ("TOGETHER", together), *([("BITS", bits), ("GROUP", group)] if bits else []),
        ],
        grid=(-(-readers // together) * simdgroups * 32, kv_heads, blocks),
        threadgroup=(simdgroups * 32, 1, 1),
        output_shapes=[(rows, query_heads * head_dim)] if blocks == 1 else
            [(query_heads * rows, blocks, head_dim), (query_heads * rows, blocks, 2)],
        output_dtypes=[q_NLH.dtype] if blocks == 1 else [mx.float32, mx.float32],
    )  # fmt: skip
    return made[0] if blocks == 1 else _merged(q_NLH, *made)


def _merged(q_NLH: mx.array, partial: mx.array, weights: mx.array) -> mx.array:
    query_heads, rows, head_dim = q_NLH.shape
    merge = kernel("attention_merge", ("partial", "weights"), ("out",), MERGE, HELPERS)
    return merge(
        inputs=[partial, weights],
        template=[("T", q_NLH.dtype), ("D", head_dim), ("ROWS", rows), ("HEADS", query_heads)],
        grid=(head_dim, query_heads * rows, 1),
        threadgroup=(head_dim, 1, 1),
        output_shapes=[(rows, query_heads * head_dim)],
        output_dtypes=[q_NLH.dtype],
    )[0]


def _blocks_for(slots: int) -> int:
    return 1 if slots <= _ONE_PASS_SLOTS else min(_MOST_BLOCKS, -(-slots // _SLOTS_OF_A_BLOCK))
