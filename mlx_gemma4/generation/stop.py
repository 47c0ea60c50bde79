"""When an answer ends."""

from __future__ import annotations

from collections.abc import Iterator


def until_stop(ids: Iterator[int], stop_ids: frozenset[int]) -> Iterator[int]:
    """The ids up to the first stop id, that one included."""
    for token_id in ids:
        yield token_id
        if token_id in stop_ids:
            return
