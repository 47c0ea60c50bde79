"""How the decoder reaches keys and values it has seen before, without knowing how they are kept.

Shapes: K kv heads, L new tokens, S keys, H head dim.
"""

from __future__ import annotations

from typing import Protocol

import mlx.core as mx

from mlx_gemma4.kernels.packed_rows import Rows


class KeyValueStore(Protocol):
    """The keys and values of one owning layer during one forward pass."""

    def extend(self, k_KLH: mx.array, v_KLH: mx.array) -> tuple[Rows, Rows]:
        """Add the rows of this pass; return all [K, S, H] that it attends over, both packed or none."""
        ...


class Uncached:
    """Keeps nothing: a pass over a whole sequence attends over its own rows."""

    def extend(self, k_KLH: mx.array, v_KLH: mx.array) -> tuple[mx.array, mx.array]:
        """The rows themselves."""
        return k_KLH, v_KLH
