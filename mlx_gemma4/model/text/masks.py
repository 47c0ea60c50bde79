"""Which keys a query may see.

Shapes: L queries, S keys. Masks are boolean; True lets a query see a key.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import mlx.core as mx

from mlx_gemma4.model.text.attention_types import AttentionType

AttentionMask: TypeAlias = mx.array | Literal["causal"] | None
"""A boolean array that broadcasts to [L, S]; "causal": every key up to the query, which is last; None: all keys."""


def prefill_masks(tokens: int, earlier_in_window: int, window: int) -> dict[AttentionType, AttentionMask]:
    """Masks for `tokens` new rows: over all earlier ones in global layers, over those still in the window in sliding.

    Args:
        tokens: rows of this pass.
        earlier_in_window: rows that a sliding layer puts before them, at most window − 1.
        window: how many keys a query of a sliding layer sees.
    """
    return {
        AttentionType.SLIDING: window_mask(tokens, earlier_in_window, window),
        AttentionType.GLOBAL: None if tokens == 1 else "causal",
    }


def window_mask(queries: int, earlier: int, window: int) -> mx.array | None:
    """The last `window` keys up to the query itself, over `earlier` keys and then the queries' own: [L, S] or None.

    (transformers: create_sliding_window_causal_mask; a query sees itself and window − 1 keys before it.)
    """
    if queries == 1 and earlier < window:
        return None
    query_positions = mx.arange(earlier, earlier + queries)
    ages_LS = query_positions[:, None] - mx.arange(earlier + queries)[None, :]
    return (ages_LS >= 0) & (ages_LS < window)


def written_mask(slots: int, offset: mx.array) -> mx.array:
    """The slots of a cache that hold a row once position `offset` (an integer array) is written: [S].

    Holds for growing caches (slot = position) and for rings (slot = position mod slots) alike, since a ring is full
    from `offset` = slots − 1 on.
    """
    return mx.arange(slots) <= offset
