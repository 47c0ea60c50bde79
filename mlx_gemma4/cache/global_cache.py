"""The keys and values of a global layer: every row since the start, in buffers that grow, as it is or packed.

Shapes: K kv heads, L new rows, S rows so far, H head dim.
"""

from __future__ import annotations

from copy import copy

import mlx.core as mx

from mlx_gemma4.kernels.packed_rows import (
    Packed,
    Packing,
    Rows,
    arrays_of,
    cut,
    each,
    like,
    pack,
    slots_of,
)
from mlx_gemma4.protocol.errors import PrismError

_SMALLEST = 256
_STEP = 1024
_PACKED_AT_ONCE = 1024  # rows
_SMALLEST_GROUP = 32
_GROUP_SIZES = {8: 64, 4: 32}


def can_be_packed(head_dim: int) -> bool:
    """Whether rows of so many numbers can be packed."""
    return head_dim % _SMALLEST_GROUP == 0


def packing_for(bits: int, head_dim: int) -> Packing:
    """How rows of so many numbers are packed in 8 or 4 bits.

    Raises:
        PrismError: such rows cannot be packed.
    """
    for group_size in (_GROUP_SIZES[bits], _SMALLEST_GROUP):
        if head_dim % group_size == 0:
            return Packing(bits, group_size)
    raise PrismError(
        f"Keys and values of {head_dim} numbers cannot be packed, only multiples of {_SMALLEST_GROUP}.",
        "Load the model without packing them.",
        code="kv.head_dim",
    )


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
        self.keys: Rows = mx.zeros((kv_heads, 0, head_dim), dtype=dtype)
        self.values: Rows = mx.zeros((kv_heads, 0, head_dim), dtype=dtype)

    @property
    def capacity(self) -> int:
        """Rows that fit without growing."""
        return slots_of(self.keys)

    def reserve(self, rows: int) -> None:
        """Make room for `rows` rows in all; if a buffer has to grow, all of it is copied at once, and no other with it.

        All of it, because a decode step that runs ahead has written a row that does not count yet. At once, so that of
        all layers' buffers one is there twice, and none while a chunk is read.
        """
        capacity = grown_capacity(self.capacity, rows)
        if capacity > self.capacity:
            self.keys = _enlarged(self.keys, self.capacity, capacity)
            mx.eval(self.keys)
            self.values = _enlarged(self.values, slots_of(self.values), capacity)
            mx.eval(self.values)

    def extend(self, k_KLH: mx.array, v_KLH: mx.array) -> tuple[Rows, Rows]:
        """Append rows; return all rows [K, S, H] as views of the buffer.

        The views must be gone (evaluated and dropped) before the next write: a buffer with a second reference is
        copied whole.
        """
        stop = self.length + k_KLH.shape[1]
        self.reserve(stop)
        _write(self.keys, like(self.keys, k_KLH), self.length)
        _write(self.values, like(self.values, v_KLH), self.length)
        self.length = stop
        return cut(self.keys, stop), cut(self.values, stop)

    def pack(self, bits: int) -> None:
        """Pack every row in 8 or 4 bits, and all that come; those that are packed stay as they are.

        One of the two buffers after the other, and some rows at a time, so that little is there twice.
        """
        if not isinstance(self.keys, Packed):
            self.keys = _packed(self.keys, bits)
        if not isinstance(self.values, Packed):
            self.values = _packed(self.values, bits)

    def copy(self, rows: int) -> GlobalCache:
        """A cache of its own with the first `rows` rows."""
        copied = copy(self)
        capacity = grown_capacity(0, rows)
        copied.keys = _enlarged(self.keys, rows, capacity)
        copied.values = _enlarged(self.values, rows, capacity)
        copied.length = rows
        return copied


def _enlarged(buffer: Rows, rows: int, capacity: int) -> Rows:
    enlarged = each(lambda array: mx.zeros((array.shape[0], capacity, array.shape[2]), dtype=array.dtype), buffer)
    _write(enlarged, cut(buffer, rows), 0)
    return enlarged


def _write(buffer: Rows, rows: Rows, start: int) -> None:
    for array, new in zip(arrays_of(buffer), arrays_of(rows), strict=True):
        array[:, start : start + new.shape[1]] = new


def _packed(buffer: mx.array, bits: int) -> Rows:
    kv_heads, rows, head_dim = buffer.shape
    packing = packing_for(bits, head_dim)
    nothing = pack(mx.zeros((kv_heads, 1, head_dim), dtype=buffer.dtype), packing)
    packed = _enlarged(nothing, 0, rows)
    for start in range(0, rows, _PACKED_AT_ONCE):
        _write(packed, pack(buffer[:, start : start + _PACKED_AT_ONCE], packing), start)
        mx.eval(packed)
    return packed
