"""Which keys a query may see.

Shapes: L queries, S keys. Masks are boolean; True lets a query see a key.
"""

from __future__ import annotations

import mlx.core as mx


def causal_mask(queries: int, earlier: int) -> mx.array | None:
    """Every key up to the query itself: [L, S] with S = earlier + L, or None where a single query sees all keys."""
    if queries == 1:
        return None
    return _ages(queries, earlier) >= 0


def window_mask(queries: int, earlier: int, window: int) -> mx.array | None:
    """The last `window` keys up to the query itself, over `earlier` keys and then the queries' own: [L, S] or None.

    (transformers: create_sliding_window_causal_mask; a query sees itself and window − 1 keys before it.)
    """
    if queries == 1 and earlier < window:
        return None
    ages = _ages(queries, earlier)
    return (ages >= 0) & (ages < window)


def written_mask(slots: int, offset: mx.array) -> mx.array:
    """The slots of a cache that hold a row once position `offset` (an integer array) is written: [S].

    Holds for growing caches (slot = position) and for rings (slot = position mod slots) alike, since a ring is full
    from `offset` = slots − 1 on.
    """
    return mx.arange(slots) <= offset


def _ages(queries: int, earlier: int) -> mx.array:
    """How many positions before each query each key lies; negative for later ones: [L, S]."""
    query_positions = mx.arange(earlier, earlier + queries)
    return query_positions[:, None] - mx.arange(earlier + queries)[None, :]
