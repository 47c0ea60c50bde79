"""The caches of one branch of a sequence: one for every layer that owns keys and values.

Shapes: K kv heads, H head dim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from weakref import WeakSet

import mlx.core as mx

from mlx_gemma4.cache.global_cache import GlobalCache, packing_for
from mlx_gemma4.cache.sliding_ring import SlidingRing
from mlx_gemma4.cache.snapshots import CacheSnapshot
from mlx_gemma4.kernels.packed_rows import Rows, bytes_of, rows_of
from mlx_gemma4.model.text.decoder import TextDecoder
from mlx_gemma4.protocol.kv_packing import KVPacking


class LayerCaches:
    """A branch: growing buffers for global layers, rings for sliding ones, all of one length.

    Nothing outside may keep the arrays of a branch: the next write to an array with a second reference copies it.

    Attributes:
        growing: told, before buffers grow, how many rows they are to hold.
    """

    def __init__(self, text: TextDecoder, packing: KVPacking | None = None) -> None:
        """Empty caches; `packing` says whether and when the global ones are packed.

        Raises:
            PrismError: this model's keys and values cannot be packed.
        """
        self.globals: dict[int, GlobalCache] = {}
        self.rings: dict[int, SlidingRing] = {}
        self.growing: Callable[[int], None] = lambda _rows: None
        self._owners = text.plan.owners
        self._packing = packing
        self._snapshots: WeakSet[CacheSnapshot] = WeakSet()
        for layer in self._owners:
            shape = text.config.shape(layer)
            if shape.window is None:
                self.globals[layer] = GlobalCache(shape.kv_heads, shape.head_dim, text.dtype)
            else:
                self.rings[layer] = SlidingRing(shape.window, shape.kv_heads, shape.head_dim, text.dtype)
        if packing and self.globals:
            packing_for(packing.bits, text.config.full.head_dim)  # refuse now, not in the middle of a conversation
        self._pack_if_longer(0)

    @property
    def length(self) -> int:
        """Rows written."""
        return self.stores[self._owners[0]].length

    @property
    def capacity(self) -> int:
        """Rows that fit into the global buffers without growing."""
        return min((cache.capacity for cache in self.globals.values()), default=0)

    @property
    def nbytes(self) -> int:
        """Memory of the global buffers, unwritten rows included, and of the rings."""
        return sum(bytes_of(cache.keys) + bytes_of(cache.values) for cache in self.stores.values())

    @property
    def earlier_in_window(self) -> int:
        """Rows that a prefill chunk's sliding layers see before the chunk."""
        return max((ring.earlier for ring in self.rings.values()), default=0)

    @property
    def stores(self) -> Mapping[int, GlobalCache | SlidingRing]:
        """The cache of every owning layer, for a prefill pass."""
        return self.globals | self.rings

    def reserve(self, rows: int) -> None:
        """Make room for `rows` rows in all; the global layers' are packed now if so many are to be."""
        if rows > self.capacity:
            self.growing(rows)
        self._pack_if_longer(rows)
        for cache in self.globals.values():
            cache.reserve(rows)

    def rows_alike(self, rows: int, more: int) -> int:
        """Of `more` rows behind `rows`, for which there is room, as many as are written before all are packed."""
        packing = self._packing
        return more if packing is None or packing.packs(rows) else min(more, packing.from_tokens - rows)

    def arrays(self) -> list[Rows]:
        """Keys and values of every owner in layer order, for a decode step; drop them before it is evaluated."""
        stores = self.stores
        return [rows for layer in self._owners for rows in (stores[layer].keys, stores[layer].values)]

    def replace(self, arrays: Sequence[Rows]) -> None:
        """Take the arrays that a decode step returned, in the order of `arrays`."""
        stores = self.stores
        for index, layer in enumerate(self._owners):
            keys, values = rows_of(arrays[2 * index]), rows_of(arrays[2 * index + 1])
            stores[layer].keys, stores[layer].values = keys, values  # type: ignore[assignment]  # a ring gets its own

    def replace_globals(self, arrays: Sequence[Rows]) -> None:
        """Take the keys and values of the global owners alone, in layer order."""
        for index, cache in enumerate(self.globals.values()):
            cache.keys, cache.values = rows_of(arrays[2 * index]), rows_of(arrays[2 * index + 1])

    def put_in_rings(self, rows: Sequence[mx.array], row: int) -> None:
        """Append one row to every ring: number `row` of [K, L, H], keys and values of the sliding owners in order."""
        for index, ring in enumerate(self.rings.values()):
            k_KLH, v_KLH = rows[2 * index], rows[2 * index + 1]
            ring.put(k_KLH[:, row : row + 1], v_KLH[:, row : row + 1])

    def set_length(self, rows: int) -> None:
        """Say how many rows of a sequence count as written, after decode steps wrote some."""
        for store in self.stores.values():
            store.length = rows

    def snapshot(self) -> CacheSnapshot:
        """This point, to come back to; costs a copy of the rings' rows."""
        return self._snapshot_with({layer: ring.copy(ring.slots_in_use) for layer, ring in self.rings.items()})

    def retire(self) -> CacheSnapshot:
        """This point as a snapshot that takes the rings away: the branch can then only be rewound or branched off."""
        full = {layer: ring for layer, ring in self.rings.items() if ring.slots_in_use == ring.window}
        snapshot = self._snapshot_with(
            {layer: full.get(layer) or ring.copy(ring.slots_in_use) for layer, ring in self.rings.items()}
        )
        self.rings = {}
        return snapshot

    def rewind(self, snapshot: CacheSnapshot) -> None:
        """Go back to a snapshot of this branch; longer snapshots of it end here.

        Raises:
            PrismError: the snapshot itself has ended so.
        """
        assert snapshot.branch is self
        snapshot.check()
        for other in self._snapshots:
            other.outlived = other.outlived or other.length > snapshot.length
        for cache in self.globals.values():
            cache.length = snapshot.length
        self.rings = _evaluated({layer: ring.copy() for layer, ring in snapshot.rings.items()})

    def branch_off(self, snapshot: CacheSnapshot) -> LayerCaches:
        """A branch of its own that starts at a snapshot of this one; its rows are copied once.

        Raises:
            PrismError: the snapshot has ended.
        """
        assert snapshot.branch is self
        snapshot.check()
        branch = LayerCaches.__new__(LayerCaches)
        branch.growing = lambda _rows: None
        branch._owners, branch._packing, branch._snapshots = self._owners, self._packing, WeakSet()
        branch.globals = {layer: cache.copy(snapshot.length) for layer, cache in self.globals.items()}
        branch.rings = {layer: ring.copy() for layer, ring in snapshot.rings.items()}
        mx.eval(branch.arrays())
        return branch

    def _pack_if_longer(self, rows: int) -> None:
        if self._packing and self._packing.packs(rows):
            for cache in self.globals.values():
                cache.pack(self._packing.bits)

    def _snapshot_with(self, rings: dict[int, SlidingRing]) -> CacheSnapshot:
        snapshot = CacheSnapshot(self, self.length, _evaluated(rings))
        self._snapshots.add(snapshot)
        return snapshot


def _evaluated(rings: dict[int, SlidingRing]) -> dict[int, SlidingRing]:
    mx.eval([(ring.keys, ring.values) for ring in rings.values()])
    return rings
