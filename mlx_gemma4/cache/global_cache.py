"""The keys and values of a global layer: every row since the start, in a buffer that grows.

Shapes: K kv heads, L new rows, S rows so far, H head dim.
"""

from __future__ import annotations

import mlx.core as mx

_SMALLEST = 256
_STEP = 1024


def grown_capacity(capacity: int, rows: int) -> int:
    """The capacity for `rows` rows: powers of two from 256 to 1,024, then steps of max(1,024, 25 %).

    Decoding attends over (and compiles for) a capacity, so short sequences get a short one.
    """
    while capacity < rows:
        if capacity < _STEP:
            capacity = max(_SMALLEST, 2 * capacity)
        else:
            capacity += max(_STEP, capacity // 4)
    return capacity


class GlobalCache:
    """Row p is position p. Rows from `length` on are unwritten or stale."""

    def __init__(self, kv_heads: int, head_dim: int, dtype: mx.Dtype) -> None:
        self.length = 0
        self.keys = mx.zeros((kv_heads, 0, head_dim), dtype=dtype)
        self.values = mx.zeros((kv_heads, 0, head_dim), dtype=dtype)

    @property
    def capacity(self) -> int:
        """Rows that fit without growing."""
        return self.keys.shape[1]

    def reserve(self, rows: int) -> None:
        """Make room for `rows` rows in all; if the buffer has to grow, all of it is copied.

        All of it, because a decode step that runs ahead has written a row that does not count yet.
        """
        capacity = grown_capacity(self.capacity, rows)
        if capacity > self.capacity:
            self.keys = _enlarged(self.keys, self.capacity, capacity)
            self.values = _enlarged(self.values, self.values.shape[1], capacity)

    def extend(self, k_KLH: mx.array, v_KLH: mx.array) -> tuple[mx.array, mx.array]:
        """Append rows; return all rows [K, S, H] as views of the buffer.

        The views must be gone (evaluated and dropped) before the next write: a buffer with a second reference is
        copied whole.
        """
        stop = self.length + k_KLH.shape[1]
        self.reserve(stop)
        self.keys[:, self.length : stop] = k_KLH
        self.values[:, self.length : stop] = v_KLH
        self.length = stop
        return self.keys[:, :stop], self.values[:, :stop]

    def copy(self, rows: int) -> GlobalCache:
        """A cache of its own with the first `rows` rows."""
        kv_heads, _, head_dim = self.keys.shape
        copied = GlobalCache(kv_heads, head_dim, self.keys.dtype)
        capacity = grown_capacity(0, rows)
        copied.keys = _enlarged(self.keys, rows, capacity)
        copied.values = _enlarged(self.values, rows, capacity)
        copied.length = rows
        return copied


def _enlarged(buffer: mx.array, rows: int, capacity: int) -> mx.array:
    kv_heads, _, head_dim = buffer.shape
    enlarged = mx.zeros((kv_heads, capacity, head_dim), dtype=buffer.dtype)
    enlarged[:, :rows] = buffer[:, :rows]
    return enlarged
