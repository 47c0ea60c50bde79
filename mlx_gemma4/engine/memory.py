"""What a model's weights and caches take, in bytes: arithmetic on shapes and config, and what is held now."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from mlx_gemma4.cache.global_cache import grown_capacity, packing_for
from mlx_gemma4.cache.layer_caches import LayerCaches
from mlx_gemma4.cache.snapshots import CacheSnapshot
from mlx_gemma4.model.config import AttentionShape, TextConfig
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.kv_sharing import KVSharingPlan
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.weights.quantization import Packing


@dataclass(frozen=True)
class CacheSizes:
    """Bytes of one sequence's keys and values.

    Attributes:
        plain_row: of one token in all global layers that own some, as it is.
        packed_row: the same, packed.
        packing: says how long rows are kept as they are; None for ever.
        ring_row: of one slot in all rings.
        window: slots of a ring.
        global_owners: layers that a token's global rows are in.
    """

    plain_row: int
    packed_row: int
    packing: KVPacking | None
    ring_row: int
    window: int
    global_owners: int

    @classmethod
    def of(cls, text: TextConfig, itemsize: int, packing: KVPacking | None = None) -> CacheSizes:
        """The sizes for numbers of `itemsize` bytes.

        Raises:
            PrismError: this model's keys and values cannot be packed.
        """
        plan = KVSharingPlan(text.layer_types, text.borrowing_layers)

        def row(kind: AttentionType, shape: AttentionShape) -> int:
            return len(plan.owners_of(kind)) * 2 * shape.kv_heads * shape.head_dim * itemsize

        sliding, full = row(AttentionType.SLIDING, text.sliding), row(AttentionType.GLOBAL, text.full)
        packed = full
        if packing is not None:
            bits, group_size = packing_for(packing.bits, text.full.head_dim)
            numbers = full // itemsize
            packed = numbers * bits // 8 + numbers // group_size * 2 * itemsize
        return cls(full, packed, packing, sliding, text.window, len(plan.owners_of(AttentionType.GLOBAL)))

    def global_row(self, rows: int) -> int:
        """Of one token in all global layers, in a branch that has come to `rows` rows."""
        return self.packed_row if self.packing and self.packing.packs(rows) else self.plain_row

    @property
    def rings(self) -> int:
        """Of the rings of a branch, however long it is."""
        return self.ring_row * self.window

    def branch(self, rows: int) -> int:
        """Of a branch with `rows` rows, in buffers that have grown to hold them."""
        return self.global_row(rows) * grown_capacity(0, rows) + self.rings

    def one_buffer(self, rows: int, capacity: int) -> int:
        """Of the keys, or the values, of one global layer, in a branch that has come to `rows` rows."""
        return self.global_row(rows) * capacity // (2 * max(self.global_owners, 1))

    def at_most(self, rows: int) -> int:
        """Of a branch on its way to `rows` rows: where it is packed underway, all as it was and one buffer twice."""
        if self.packing is None or self.packing.from_tokens == 0 or not self.packing.packs(rows):
            return self.branch(rows)
        capacity = grown_capacity(0, self.packing.from_tokens)
        one = self.one_buffer(rows, capacity)
        return max(self.branch(rows), self.plain_row * capacity + one + self.rings)

    def snapshot(self, rows: int) -> int:
        """Of a snapshot at `rows` rows, its branch not counted."""
        return self.ring_row * min(max(rows, 1), self.window)


def weight_bytes(
    shapes: Mapping[str, tuple[int, ...]],
    itemsize: int,
    packing_of: Callable[[str, tuple[int, ...]], Packing | None] = lambda path, shape: None,
) -> int:
    """Of a model's parameters.

    Args:
        shapes: of every parameter by its path, as if nothing were quantized.
        itemsize: bytes of a number that is not packed, scales and biases of affine packings included.
        packing_of: how the matrix at a path is packed; None for numbers as they are.
    """
    total = 0
    for path, shape in shapes.items():
        packing = packing_of(path, shape) if len(shape) >= 2 else None
        numbers = math.prod(shape)
        if packing is None:
            total += numbers * itemsize
        else:
            scale = 2 * itemsize if packing.has_biases else 1  # block floats have scales of a byte and no biases
            total += numbers * packing.bits // 8 + numbers // packing.group_size * scale
    return total


def held_bytes(snapshots: Iterable[CacheSnapshot], in_use: Iterable[LayerCaches] = ()) -> int:
    """What some snapshots hold now: their own rings, and each of their branches and of those in use once."""
    held = list(snapshots)
    branches = {id(branch): branch for branch in (*in_use, *(snapshot.branch for snapshot in held))}
    return sum(snapshot.nbytes for snapshot in held) + sum(branch.nbytes for branch in branches.values())
