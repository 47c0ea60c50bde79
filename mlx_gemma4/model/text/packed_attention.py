"""Attention over packed keys and values, of which no more than a block is unpacked at a time.

Shapes: L queries, S keys, B keys of a block, N query heads, K kv heads, G query heads per kv head, H head dim.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import mlx.core as mx

from mlx_gemma4.kernels.backend import on_cpu
from mlx_gemma4.kernels.packed_rows import Packed, packing_of, slots_of, unpack
from mlx_gemma4.model.text.masks import AttentionMask

KEYS_OF_A_BLOCK = 1_024
_FEW_QUERIES = 8

Hidden: TypeAlias = Callable[[int, int], mx.array | None]
"""What is to be added to the scores of the keys from one number up to another, 0 or −inf; None for nothing."""


def attend_packed(q_NLH: mx.array, keys: Packed, values: Packed, mask: AttentionMask) -> mx.array:
    """Softmax attention at scale 1 over grouped heads, which are joined in the result: [L, N·H].

    Few queries multiply codes as they are stored, but on the CPU, where unpacking a block first takes half the time,
    and for many queries anywhere a tenth.
    """
    heads, tokens, head_dim = q_NLH.shape
    q_KGLH = q_NLH.reshape(keys.codes.shape[0], -1, tokens, head_dim)
    hidden = _hidden(mask, tokens, slots_of(keys))
    attend = _by_blocks if on_cpu() or tokens > _FEW_QUERIES else _by_codes
    attended_KGLH = attend(q_KGLH, keys, values, hidden).astype(q_NLH.dtype)
    return attended_KGLH.reshape(heads, tokens, head_dim).swapaxes(0, 1).reshape(tokens, heads * head_dim)


def _by_codes(q_KGLH: mx.array, keys: Packed, values: Packed, hidden: Hidden) -> mx.array:
    bits, group_size = packing_of(keys, q_KGLH.shape[-1])

    def times(x_KGLX: mx.array, rows: Packed, *, transpose: bool) -> mx.array:
        kv_heads, group, tokens, width = x_KGLX.shape
        x = x_KGLX.reshape(kv_heads, group * tokens, width)
        product = mx.quantized_matmul(x, *rows, transpose=transpose, group_size=group_size, bits=bits)
        return product.reshape(kv_heads, group, tokens, -1)

    scores_KGLS, mask = times(q_KGLH, keys, transpose=True), hidden(0, slots_of(keys))
    weights_KGLS = mx.softmax(scores_KGLS if mask is None else scores_KGLS + mask, axis=-1, precise=True)
    return times(weights_KGLS, values, transpose=False)


def _by_blocks(q_KGLH: mx.array, keys: Packed, values: Packed, hidden: Hidden) -> mx.array:
    """Block after block, rescaling what is there as larger scores come; every query sees a key of the first one.

    A block is made to wait for all of the one before it: MLX runs what waits for nothing first, and would unpack all
    blocks, and puts off what nothing waits for, and would keep all scores.
    Powers of two take a CPU a third of the time of the exponential.
    """
    kv_heads, group, tokens, head_dim = q_KGLH.shape
    q_KQH = (q_KGLH * math.log2(math.e)).reshape(kv_heads, group * tokens, head_dim)
    top = total = summed = None
    before: list[mx.array] = []
    for start in range(0, slots_of(keys), KEYS_OF_A_BLOCK):
        stop = min(start + KEYS_OF_A_BLOCK, slots_of(keys))
        k_KBH, v_KBH = (unpack(_part(rows, start, stop, before), head_dim) for rows in (keys, values))
        scores_KQB, mask = q_KQH @ k_KBH.swapaxes(-1, -2), hidden(start, stop)
        if mask is not None:
            masked = scores_KQB.reshape(kv_heads, group, tokens, -1) + mask
            scores_KQB = masked.reshape(scores_KQB.shape)
        highest = mx.max(scores_KQB, axis=-1, keepdims=True).astype(mx.float32)
        highest = highest if top is None else mx.maximum(top, highest)
        powers_KQB = mx.power(2.0, scores_KQB - highest)
        sums, weighed = mx.sum(powers_KQB, axis=-1, keepdims=True), powers_KQB.astype(v_KBH.dtype) @ v_KBH
        if top is None or total is None or summed is None:
            total, summed = sums, weighed.astype(mx.float32)
        else:
            fading = mx.power(2.0, top - highest)
            total, summed = total * fading + sums, summed * fading + weighed
        top, before = highest, [total, summed]
    assert total is not None and summed is not None
    return (summed / total).reshape(kv_heads, group, tokens, head_dim)


def _part(rows: Packed, start: int, stop: int, after: list[mx.array]) -> Packed:
    part = [array[:, start:stop] for array in rows]
    return Packed(*(mx.depends(part, after) if after else part))


def _hidden(mask: AttentionMask, tokens: int, keys: int) -> Hidden:
    if isinstance(mask, mx.array):
        return lambda start, stop: mask[..., start:stop]
    assert mask in (None, "causal"), "a band is for sliding layers"
    first = keys - tokens

    def after_the_query(start: int, stop: int) -> mx.array | None:
        if mask is None or stop <= first + 1:
            return None
        sees = mx.arange(start, stop) <= mx.arange(first, keys)[:, None]
        return mx.where(sees, 0.0, -math.inf)

    return after_the_query
