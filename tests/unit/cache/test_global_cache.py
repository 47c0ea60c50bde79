"""A growing cache appends in place and never loses a row."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.cache.global_cache import GlobalCache, grown_capacity


def rows(first: int, count: int) -> mx.array:
    """Rows whose every number is their position: [2, count, 4]."""
    return mx.broadcast_to(mx.arange(first, first + count)[None, :, None], (2, count, 4)).astype(mx.float32)


@pytest.mark.parametrize(
    ("capacity", "needed", "grown"),
    [(0, 1, 256), (256, 256, 256), (256, 257, 512), (512, 1000, 1024), (1024, 1025, 2048), (8192, 8193, 10_240)],
)
def test_capacity_grows_by_a_quarter_but_at_least_1024_rows(capacity: int, needed: int, grown: int) -> None:
    assert grown_capacity(capacity, needed) == grown


def test_rows_come_back_in_order_through_several_growths() -> None:
    cache, start = GlobalCache(2, 4, mx.float32), 0
    for count in (1, 200, 100, 900):
        keys, values = cache.extend(rows(start, count), -rows(start, count))
        start += count
        assert keys.shape == (2, start, 4)
        np.testing.assert_array_equal(np.array(keys[1, :, 3]), np.arange(start))
        np.testing.assert_array_equal(np.array(values[0, :, 0]), -np.arange(start))
    assert cache.length == 1201
    assert cache.capacity == 2048


def test_growing_keeps_rows_behind_the_length() -> None:
    cache = GlobalCache(2, 4, mx.float32)
    cache.extend(rows(0, 250), rows(0, 250))
    cache.length = 249  # a decode step that ran ahead wrote one more row than counts
    cache.reserve(300)
    assert cache.keys[0, 249, 0].item() == 249


def test_a_copy_has_rows_of_its_own() -> None:
    cache = GlobalCache(2, 4, mx.float32)
    cache.extend(rows(0, 20), rows(0, 20))
    copied = cache.copy(10)
    cache.length = 5
    cache.extend(rows(500, 5), rows(500, 5))
    np.testing.assert_array_equal(np.array(copied.keys[0, :10, 0]), np.arange(10))
    assert copied.length == 10


def test_appending_within_capacity_copies_nothing() -> None:
    cache = GlobalCache(2, 4, mx.float32)
    cache.reserve(200_000)
    cache.extend(rows(0, 10), rows(0, 10))
    mx.eval(cache.keys, cache.values)
    mx.reset_peak_memory()
    before = mx.get_active_memory()
    for start in range(10, 30):
        cache.extend(rows(start, 1), rows(start, 1))
        mx.eval(cache.keys, cache.values)
    assert mx.get_peak_memory() - before < 100_000  # one buffer has 6.4 MB


def test_of_all_buffers_that_grow_one_is_there_twice() -> None:
    caches = [GlobalCache(2, 4, mx.float32) for _ in range(4)]
    sizes = []
    for most in (100_000, 160_000):
        mx.reset_peak_memory()
        before = mx.get_active_memory()
        for cache in caches:
            cache.reserve(most)
        mx.eval([(cache.keys, cache.values) for cache in caches])
        sizes.append(caches[0].keys.nbytes)
    most = mx.get_peak_memory() - before
    assert most <= 8 * (sizes[1] - sizes[0]) + 1.01 * sizes[0]
