"""Which layers own keys and values, which borrow them, and what a prefill chunk must therefore run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mlx_gemma4.model.text.attention_types import AttentionType


@dataclass(frozen=True)
class KVSharingPlan:
    """The one answer to every question about shared keys and values.

    The last `borrowing_layers` layers have no key or value projection; each reads the keys and values of the last
    owning layer of its own type. (transformers: Gemma4TextConfig.kv_sharing_modes; E2B: 13 sliding, 14 global.)
    """

    layer_types: tuple[AttentionType, ...]
    borrowing_layers: int

    @cached_property
    def owners(self) -> tuple[int, ...]:
        """Layers that compute and cache keys and values."""
        return tuple(range(len(self.layer_types) - self.borrowing_layers))

    @cached_property
    def borrowers(self) -> tuple[int, ...]:
        """Layers that read another layer's keys and values."""
        return tuple(range(len(self.owners), len(self.layer_types)))

    @cached_property
    def sources(self) -> tuple[int, ...]:
        """For every layer the layer whose keys and values it reads: itself, if it owns some."""
        last_owner = {self.layer_types[layer]: layer for layer in self.owners}
        return tuple(
            layer if layer < len(self.owners) else last_owner[kind] for layer, kind in enumerate(self.layer_types)
        )

    @property
    def filling_layers(self) -> range:
        """Layers that a prefill chunk runs whole, because an owner above them needs their output."""
        return range(self.last_owner)

    @property
    def last_owner(self) -> int:
        """The layer of which a prefill chunk needs only keys and values: nothing above it fills a cache."""
        return self.owners[-1]

    def owners_of(self, kind: AttentionType) -> tuple[int, ...]:
        """Owning layers of one attention type, in order."""
        return tuple(layer for layer in self.owners if self.layer_types[layer] is kind)
