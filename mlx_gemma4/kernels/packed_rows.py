"""Rows of keys or values in 8 or 4 bits, and what is done alike to them and to rows as they are.

Shapes: K kv heads, L new rows, C slots of a cache, H head dim.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import mlx.core as mx


class Packed(NamedTuple):
    """Rows as `mx.quantize` packs them in affine mode: codes [K, C, H·bits/32], scales and biases [K, C, H/group]."""

    codes: mx.array
    scales: mx.array
    biases: mx.array


class Packing(NamedTuple):
    """Bits of a code, and how many codes share a scale."""

    bits: int
    group_size: int


Rows: TypeAlias = mx.array | Packed
"""[K, C, H], or the same packed."""


def pack(x_KLH: mx.array, packing: Packing) -> Packed:
    """Pack rows, each by itself."""
    return Packed(*mx.quantize(x_KLH, group_size=packing.group_size, bits=packing.bits))


def unpack(rows: Packed, head_dim: int) -> mx.array:
    """What packed rows amount to, [K, C, H]."""
    bits, group_size = packing_of(rows, head_dim)
    return mx.dequantize(*rows, group_size=group_size, bits=bits)


def packing_of(rows: Packed, head_dim: int) -> Packing:
    """How rows of so many numbers are packed."""
    return Packing(rows.codes.shape[-1] * 32 // head_dim, head_dim // rows.scales.shape[-1])


def arrays_of(rows: Rows) -> tuple[mx.array, ...]:
    """One array, or the three of packed rows."""
    return (rows,) if isinstance(rows, mx.array) else tuple(rows)


def rows_of(arrays: mx.array | Sequence[mx.array]) -> Rows:
    """Rows that have been through a compiled function, which leaves of a named tuple a tuple."""
    return arrays if isinstance(arrays, mx.array) else Packed(*arrays)


def each(change: Callable[..., mx.array], *rows: Rows) -> Rows:
    """Rows whose arrays are what `change` makes of those of `rows`, which are all packed or none of them."""
    changed = [change(*arrays) for arrays in zip(*map(arrays_of, rows), strict=True)]
    return Packed(*changed) if len(changed) > 1 else changed[0]


def like(rows: Rows, x_KLH: mx.array) -> Rows:
    """New rows as they can be written into `rows`: packed in the same way, or as they are."""
    return pack(x_KLH, packing_of(rows, x_KLH.shape[-1])) if isinstance(rows, Packed) else x_KLH


def slots_of(rows: Rows) -> int:
    """C."""
    return arrays_of(rows)[0].shape[1]


def cut(rows: Rows, stop: int) -> Rows:
    """The first rows, as views."""
    return each(lambda array: array[:, :stop], rows)


def bytes_of(rows: Rows) -> int:
    """What they take."""
    return sum(array.nbytes for array in arrays_of(rows))
