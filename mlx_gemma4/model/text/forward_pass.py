"""What all layers of one forward pass share.

Shapes: K kv heads, S keys, H head dim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import mlx.core as mx

from mlx_gemma4.kernels.packed_rows import Rows
from mlx_gemma4.model.layers.rope import Rotation
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.kv_store import KeyValueStore
from mlx_gemma4.model.text.masks import AttentionMask


@dataclass
class ForwardPass:
    """Rotations and masks by attention type, a store for every owning layer, and the keys and values of this pass.

    Borrowing layers read `keys_values` of their source: a ring may already have dropped rows that a query of this very
    pass still sees.
    """

    rotations: Mapping[AttentionType, Rotation]
    masks: Mapping[AttentionType, AttentionMask]
    stores: Mapping[int, KeyValueStore]
    keys_values: dict[int, tuple[Rows, Rows]] = field(default_factory=dict)

    def extend(self, layer: int, k_KLH: mx.array, v_KLH: mx.array) -> None:
        """Add an owning layer's new rows to its store and keep what this pass attends over."""
        self.keys_values[layer] = self.stores[layer].extend(k_KLH, v_KLH)
