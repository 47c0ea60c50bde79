"""A point in a sequence that can be returned to, at the cost of one window's rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlx_gemma4.cache.sliding_ring import SlidingRing
from mlx_gemma4.protocol.errors import PrismError

if TYPE_CHECKING:
    from mlx_gemma4.cache.layer_caches import LayerCaches


@dataclass(eq=False)
class CacheSnapshot:
    """A length in the global buffers of one branch, and a copy of its rings.

    The global rows themselves are not copied: a branch only ever writes behind them, until it is rewound to an earlier
    point; then `outlived` is set and the snapshot is of no more use.
    """

    branch: LayerCaches
    length: int
    rings: dict[int, SlidingRing] = field(repr=False)
    outlived: bool = False

    @property
    def nbytes(self) -> int:
        """Memory of the copied rings; the global rows are the branch's."""
        return sum(ring.keys.nbytes + ring.values.nbytes for ring in self.rings.values())

    def check(self) -> None:
        """Refuse a snapshot whose rows have been overwritten.

        Raises:
            PrismError: the branch was rewound to before this snapshot.
        """
        if self.outlived:
            raise PrismError(
                f"The snapshot at {self.length} tokens is gone: its branch went back to an earlier point.",
                "Fork a snapshot that must outlive this.",
                code="session.snapshot",
            )
