"""Which keys a query may see.

Shapes: L queries, S keys. Masks are boolean; True lets a query see a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import mlx.core as mx

from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.banded_attention import Band, band_of
from mlx_gemma4.model.text.visibility import block_numbers, sees


class Written(NamedTuple):
    """The rows of a cache that hold something once a decode step has written its own, one or a few.

    Attributes:
        offset: position of the first of them, an int32 scalar.
        window: of a ring; 0 where the cache grows.
        hidden: the same as a mask, 0 or −inf to add, [S] or [L, S]; computed only where no kernel reads the offset.
        behind: the new rows are not in the ring but behind it.
    """

    offset: mx.array
    window: int
    hidden: mx.array
    behind: bool = False


AttentionMask: TypeAlias = mx.array | Band | Written | Literal["causal"] | None
"""An array that broadcasts to [L, S], boolean or to be added; a band of keys around each block of queries; the written
rows of a cache; "causal": all keys up to the query; None: all keys."""


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
        AttentionType.SLIDING: band_of(tokens, earlier_in_window, window, blocks)
        or window_mask(tokens, earlier_in_window, window, blocks),
        AttentionType.GLOBAL: None if tokens == 1 else "causal",
    }


def window_mask(queries: int, earlier: int, window: int, blocks: Sequence[range] = ()) -> mx.array | None:
    """Keys within the window that come up to the query or share a block with it: [L, S] or None for all of them.

    Keys are `earlier` rows and then the queries' own; `blocks` count from the first query. A query sees itself and
    window − 1 keys before it (`visibility.sees`).
    """
    if queries == 1 and earlier < window:
        return None
    positions_S = mx.arange(-earlier, queries)
    if not blocks:
        return sees(positions_S[earlier:, None], positions_S, window)
    blocks_S = mx.array(block_numbers(blocks, -earlier, queries))
    return sees(positions_S[earlier:, None], positions_S, window, blocks_S[earlier:, None], blocks_S)
