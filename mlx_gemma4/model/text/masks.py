"""Which keys a query may see.

Shapes: L queries, S keys. Masks are boolean; True lets a query see a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import mlx.core as mx
import numpy as np

from mlx_gemma4.model.text.attention_types import AttentionType

AttentionMask: TypeAlias = mx.array | Literal["causal"] | None
"""An array that broadcasts to [L, S], boolean or to be added; "causal": all keys up to the query; None: all keys."""


def prefill_masks(
    tokens: int, earlier_in_window: int, window: int, blocks: Sequence[range] = ()
) -> dict[AttentionType, AttentionMask]:
    """Masks for `tokens` new rows: over all earlier ones in global layers, over those still in the window in sliding.

    Global layers are causal whatever the rows are (transformers: create_masks_for_vision_model).

    Args:
        tokens: rows of this pass.
        earlier_in_window: rows that a sliding layer puts before them, at most window − 1.
        window: how many keys a query of a sliding layer sees.
        blocks: rows of this pass that see each other in both directions in sliding layers; each block is whole.
    """
    return {
        AttentionType.SLIDING: window_mask(tokens, earlier_in_window, window, blocks),
        AttentionType.GLOBAL: None if tokens == 1 else "causal",
    }


def window_mask(queries: int, earlier: int, window: int, blocks: Sequence[range] = ()) -> mx.array | None:
    """Keys within the window that come up to the query or share a block with it: [L, S] or None for all of them.

    Keys are `earlier` rows and then the queries' own; `blocks` count from the first query. A query sees itself and
    window − 1 keys before it. The window bounds only backwards: of a block that is longer than the window, a query sees
    all rows that follow it, but no row that is `window` or more before it. (transformers: sliding_window_overlay AND
    (causal OR blockwise_overlay).)
    """
    if queries == 1 and earlier < window:
        return None
    positions_S = mx.arange(earlier + queries)
    ages_LS = positions_S[earlier:, None] - positions_S[None, :]
    visible_LS = ages_LS >= 0
    if blocks:
        block_of_S = np.full(earlier + queries, -1, dtype=np.int32)
        for number, block in enumerate(blocks):
            block_of_S[earlier + block.start : earlier + block.stop] = number
        keys_S = mx.array(block_of_S)
        queries_L1 = keys_S[earlier:, None]
        visible_LS = visible_LS | ((queries_L1 == keys_S[None, :]) & (queries_L1 >= 0))
    return visible_LS & (ages_LS < window)
