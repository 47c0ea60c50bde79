"""Attention of a sliding layer over few more keys than its window shows: blocks of queries, each with the keys around.

Where a mask over all keys is made of scores that are computed to be hidden, a block of queries needs only the window
before it. All blocks are one batched product over overlapping views of the keys.

Shapes: L queries, S keys, B blocks, W queries of a block, C keys around it, N query heads, K kv heads, G query heads of
a kv head, Q queries of a block in all G heads, H head dim, J joined heads (N·H).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import mlx.core as mx
import numpy as np

from mlx_gemma4.kernels.backend import Backend, backend
from mlx_gemma4.model.text.visibility import block_numbers, sees

WindowForm: TypeAlias = Literal["banded", "masked"]

FORM_OF_BACKEND: Mapping[Backend, WindowForm] = {"cpu": "banded", "cuda": "masked", "metal": "masked"}
"""How sliding layers read a chunk. Measured on the CPU only; on GPUs fused attention under a mask may be better."""

QUERIES_OF_A_BLOCK = 64
_WORTHWHILE = 0.75
"""Of the scores under a mask, at most so many may a band compute."""


@dataclass(frozen=True, eq=False)
class Band:
    """Which keys each block of queries is given, and which of those each query sees.

    The keys are `earlier` rows and then the queries' own. A block is given those from `window` − 1 rows before
    its first query to `ahead` rows behind its last; where there is no such row, a hidden one takes its place.

    Attributes:
        queries: L.
        earlier: rows before the first query.
        window: keys that a query sees, itself included, but for those ahead.
        ahead: keys behind a block that its queries may see.
        mask: to be added to scores, 0 or −inf: float32 [B, W, 1, C], or [1, W, 1, C] where all blocks are alike.
    """

    queries: int
    earlier: int
    window: int
    ahead: int
    mask: mx.array

    @property
    def blocks(self) -> int:
        """B: the last one may be filled up with queries that nobody asks for."""
        return -(-self.queries // QUERIES_OF_A_BLOCK)

    @property
    def context(self) -> int:
        """C."""
        return self.window - 1 + QUERIES_OF_A_BLOCK + self.ahead

    def keys_of_blocks(self, x_KSH: mx.array) -> mx.array:
        """The rows around each block, [K, B, C, H], as views of the rows."""
        heads, rows, width = x_KSH.shape
        before = self.window - 1 - self.earlier
        after = self.blocks * QUERIES_OF_A_BLOCK - self.queries + self.ahead
        if before or after:
            x_KSH = mx.pad(x_KSH, [(0, 0), (before, after), (0, 0)])
            rows += before + after
        strides = (rows * width, QUERIES_OF_A_BLOCK * width, width, 1)
        return mx.as_strided(x_KSH, (heads, self.blocks, self.context, width), strides)


def band_of(queries: int, earlier: int, window: int, blocks: Sequence[range] = ()) -> Band | None:
    """The band of a pass, or None where this backend has none or it would save too little.

    Args:
        queries: rows of this pass.
        earlier: rows before them, at most window − 1.
        window: how many keys a query sees.
        blocks: rows of this pass that see each other in both directions.
    """
    if FORM_OF_BACKEND[backend()] == "masked":
        return None
    count = -(-queries // QUERIES_OF_A_BLOCK)
    ahead = _farthest_ahead(blocks)
    context = window - 1 + QUERIES_OF_A_BLOCK + ahead
    if count * QUERIES_OF_A_BLOCK * context > _WORTHWHILE * queries * (earlier + queries):
        return None
    alike = earlier == window - 1 and not blocks
    visible = _visible(1 if alike else count, earlier, window, ahead, blocks)
    return Band(queries, earlier, window, ahead, mx.array(np.where(visible, np.float32(0), np.float32(-np.inf))))


def attend_in_band(q_NLH: mx.array, k_KSH: mx.array, v_KSH: mx.array, band: Band) -> mx.array:
    """Softmax attention at scale 1 over the keys of a band, heads joined: [L, J].

    Powers of two take a CPU a third of the time of MLX's softmax, most of which is the exponential. They are divided by
    their sums after they have weighed the values, of which there are fewer. A block has all heads of one query before
    those of the next, so that heads need not be joined where there is one for keys.
    """
    heads, rows, width = q_NLH.shape
    kv_heads, count, context = k_KSH.shape[0], band.blocks, band.context
    group, missing = heads // kv_heads, count * QUERIES_OF_A_BLOCK - rows
    if missing:
        q_NLH = mx.pad(q_NLH, [(0, 0), (0, missing), (0, 0)])
    q_KGLH = q_NLH.reshape(kv_heads, group, rows + missing, width)
    q_KBQH = q_KGLH.swapaxes(1, 2).reshape(kv_heads, count, QUERIES_OF_A_BLOCK * group, width)
    keys_KBHC = band.keys_of_blocks(k_KSH * math.log2(math.e)).swapaxes(-1, -2)
    scores_KBWGC = (q_KBQH @ keys_KBHC).reshape(kv_heads, count, QUERIES_OF_A_BLOCK, group, context) + band.mask
    powers_KBWGC = mx.power(2.0, scores_KBWGC - mx.max(scores_KBWGC, axis=-1, keepdims=True))
    powers_KBQC = powers_KBWGC.reshape(kv_heads, count, -1, context)
    weighed_KBQH = powers_KBQC.astype(v_KSH.dtype) @ band.keys_of_blocks(v_KSH)
    attended_KBQH = weighed_KBQH / mx.sum(powers_KBQC, axis=-1, keepdims=True)
    attended_KLGH = attended_KBQH.reshape(kv_heads, rows + missing, group, -1)[:, :rows]
    return attended_KLGH.swapaxes(0, 1).reshape(rows, -1).astype(v_KSH.dtype)


def _farthest_ahead(blocks: Sequence[range]) -> int:
    """How far behind a block of queries the last row lies that any of them sees."""
    ends = [(block.stop, -(-(block.start + 1) // QUERIES_OF_A_BLOCK) * QUERIES_OF_A_BLOCK) for block in blocks]
    return max([0, *[stop - end for stop, end in ends]])


def _visible(count: int, earlier: int, window: int, ahead: int, blocks: Sequence[range]) -> np.ndarray:
    """Which keys around its block each query sees, bool [B, W, 1, C]; positions count from the first query."""
    starts_B111 = np.arange(count)[:, None, None, None] * QUERIES_OF_A_BLOCK
    queries_BW11 = starts_B111 + np.arange(QUERIES_OF_A_BLOCK)[:, None, None]
    keys_B11C = starts_B111 + np.arange(1 - window, QUERIES_OF_A_BLOCK + ahead)
    numbers = block_numbers(blocks, 1 - window, count * QUERIES_OF_A_BLOCK + ahead) if blocks else None
    query_blocks = None if numbers is None else numbers[queries_BW11 + window - 1]
    key_blocks = None if numbers is None else numbers[keys_B11C + window - 1]
    return sees(queries_BW11, keys_B11C, window, query_blocks, key_blocks) & (keys_B11C >= -earlier)
