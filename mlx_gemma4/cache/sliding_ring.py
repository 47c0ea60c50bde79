"""The keys and values of a sliding layer: the last rows of the window, in a ring of fixed size.

Shapes: K kv heads, L new rows, S rows attended over, W window, H head dim.
"""

from __future__ import annotations

import mlx.core as mx
import numpy as np


class SlidingRing:
    """Position p is in slot p mod W; with fewer than W rows the slots from `length` on are unwritten.

    Only a ring with all its W slots can be written to; one that is put away may have just those that are in use.
    """

    def __init__(self, window: int, kv_heads: int, head_dim: int, dtype: mx.Dtype) -> None:
        self.window = window
        self.length = 0
        self.keys = mx.zeros((kv_heads, window, head_dim), dtype=dtype)
        self.values = mx.zeros((kv_heads, window, head_dim), dtype=dtype)

    @property
    def earlier(self) -> int:
        """Rows before the next one that are still in its window."""
        return min(self.length, self.window - 1)

    def extend(self, k_KLH: mx.array, v_KLH: mx.array) -> tuple[mx.array, mx.array]:
        """Append rows; return [K, S, H] with the `earlier` rows in order and then the new ones."""
        earlier, start = self.earlier, self.length
        self.length += k_KLH.shape[1]
        order = mx.array((np.arange(start - earlier, start) % self.window).astype(np.int32))
        kept = mx.array(self._sources(start - earlier))
        joined = []
        for name, new in (("keys", k_KLH), ("values", v_KLH)):
            rows = mx.concatenate([mx.take(getattr(self, name), order, axis=1), new], axis=1) if earlier else new
            setattr(self, name, mx.take(rows, kept, axis=1))
            joined.append(rows)
        return joined[0], joined[1]

    def put(self, k_K1H: mx.array, v_K1H: mx.array) -> None:
        """Append one row, in place where nothing else holds the buffers."""
        slot = mx.array(self.length % self.window, dtype=mx.int32)
        self.keys = mx.slice_update(self.keys, k_K1H, slot, axes=(1,))
        self.values = mx.slice_update(self.values, v_K1H, slot, axes=(1,))
        self.length += 1

    @property
    def slots_in_use(self) -> int:
        """Slots that hold a row, and one in an empty ring, so that there is something to copy."""
        return min(max(self.length, 1), self.window)

    def copy(self, slots: int | None = None) -> SlidingRing:
        """A ring of its own with the same rows, in `slots` slots: all of the window, or just those in use."""
        kv_heads, stored, head_dim = self.keys.shape
        copied = SlidingRing(self.window, kv_heads, head_dim, self.keys.dtype)
        slots = self.window if slots is None else slots
        order = mx.minimum(mx.arange(slots), stored - 1)  # what is in an unwritten slot does not matter
        copied.keys, copied.values = mx.take(self.keys, order, axis=1), mx.take(self.values, order, axis=1)
        copied.length = self.length
        return copied

    def _sources(self, first: int) -> np.ndarray:
        """For each slot the index of its newest row among rows that start at position `first` (any for unwritten)."""
        slots = np.arange(self.window)
        newest = self.length - 1 - (self.length - 1 - slots) % self.window
        return np.maximum(newest - first, 0).astype(np.int32)
