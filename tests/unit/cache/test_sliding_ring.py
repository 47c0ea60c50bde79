"""A ring hands out the window in order, whatever the sizes of chunks."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.cache.sliding_ring import SlidingRing


def rows(first: int, count: int) -> mx.array:
    """Rows whose every number is their position: [1, count, 2]."""
    return mx.broadcast_to(mx.arange(first, first + count)[None, :, None], (1, count, 2)).astype(mx.float32)


@given(st.lists(st.integers(1, 25), min_size=1, max_size=8))
def test_every_chunk_sees_the_rest_of_the_window_and_itself(chunks: list[int]) -> None:
    ring, start = SlidingRing(8, 1, 2, mx.float32), 0
    for count in chunks:
        earlier = min(start, 7)
        assert ring.earlier == earlier
        keys, values = ring.extend(rows(start, count), -rows(start, count))
        start += count
        expected = np.arange(start - count - earlier, start)
        np.testing.assert_array_equal(np.array(keys[0, :, 0]), expected)
        np.testing.assert_array_equal(np.array(values[0, :, 1]), -expected)


@pytest.mark.parametrize("length", [3, 8, 9, 21])
def test_position_p_is_in_slot_p_mod_the_window(length: int) -> None:
    ring = SlidingRing(8, 1, 2, mx.float32)
    ring.extend(rows(0, length), rows(0, length))
    for position in range(max(0, length - 8), length):
        assert ring.keys[0, position % 8, 0].item() == position


def test_a_copy_has_rows_of_its_own() -> None:
    ring = SlidingRing(8, 1, 2, mx.float32)
    ring.extend(rows(0, 8), rows(0, 8))
    copied = ring.copy()
    ring.extend(rows(8, 4), rows(8, 4))
    np.testing.assert_array_equal(np.array(copied.keys[0, :, 0]), np.arange(8))
    assert (copied.length, ring.length) == (8, 12)


@pytest.mark.parametrize("length", [0, 3, 8, 13])
def test_a_ring_put_away_in_the_slots_in_use_comes_back_whole(length: int) -> None:
    ring = SlidingRing(8, 1, 2, mx.float32)
    if length:
        ring.extend(rows(0, length), rows(0, length))
    away = ring.copy(ring.slots_in_use)
    assert away.keys.shape[1] == max(1, min(length, 8))
    back = away.copy()
    keys, _ = back.extend(rows(length, 2), rows(length, 2))
    np.testing.assert_array_equal(np.array(keys[0, :, 0]), np.arange(max(0, length - 7), length + 2))
