"""Which keys a query may see.

Shapes: L queries, S keys. Masks are boolean; True lets a query see a key.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import mlx.core as mx

from mlx_gemma4.model.text.attention_types import AttentionType

AttentionMask: TypeAlias = mx.array | Literal["causal"] | None
"""An array that broadcasts to [L, S], boolean or to be added; "causal": all keys up to the query; None: all keys."""


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
