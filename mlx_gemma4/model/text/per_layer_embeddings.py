"""Per-layer embeddings (PLE): a small vector per token and layer, added to the residual stream of that layer.

Shapes: L tokens, T decoder layers, P width of one layer's vector, D hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import mlx.core as mx
import numpy as np
from mlx import nn

from mlx_gemma4.model.config import PerLayerEmbeddingConfig, TextConfig
from mlx_gemma4.model.layers.activations import gated_gelu
from mlx_gemma4.model.layers.linear_rows import linear_rows
from mlx_gemma4.model.layers.norms import RMSNorm

_JOINT_PARTS = 10  # as many as MLX makes in one operation

TableRows: TypeAlias = mx.array | Sequence[mx.array]
"""Which rows of the table: ids [L] where it is in memory, else the rows as `TableOnDisk.fetch` gives them."""


class TableOnDisk(Protocol):
    """A table whose rows are fetched when they are needed, in the place of one in memory."""

    def fetch(self, ids_L: np.ndarray) -> list[mx.array]:
        """The rows [L, …] of some ids as they are stored: packed, or values.

        Raises:
            CheckpointError: they cannot be read any more.
        """
        ...

    def unpack(self, rows: Sequence[mx.array]) -> mx.array:
        """The values [L, T·P] of fetched rows."""
        ...


class PerLayerEmbeddings(nn.Module):
    """(norm(projection(x) / √D) + √P · table[id]) / √2 for every layer (transformers: project_per_layer_inputs).

    Parameters: `table.weight` [rows, T·P] (only ever gathered, and none where the table is on the disk),
    `projection.weight` [T·P, D], `norm.weight` [P].
    """

    def __init__(self, config: TextConfig, ple: PerLayerEmbeddingConfig) -> None:
        super().__init__()
        self.width = ple.width
        self.layers = config.layers
        self.hidden_scale = config.hidden_size**-0.5
        self.table: nn.Module | TableOnDisk = nn.Embedding(ple.vocab_size, self.layers * ple.width)
        self.projection = nn.Linear(config.hidden_size, self.layers * ple.width, bias=False)
        self.norm = RMSNorm(ple.width, config.norm_eps)

    @property
    def is_on_disk(self) -> bool:
        """Whether rows of the table are fetched."""
        return not isinstance(self.table, nn.Module)

    def __call__(self, rows: TableRows, embedded_LD: mx.array, layers: int) -> list[mx.array]:
        """The vectors [L, P] of the first `layers` layers.

        `embedded_LD` are the decoder's inputs with soft tokens in place, `rows` those of the ids, with the pad id at
        soft tokens.
        """
        if layers == 0:
            return []
        stop = layers * self.width
        context = linear_rows(self.projection, embedded_LD, 0, stop) * self.hidden_scale
        # The table may be stored in fewer bits than the rest computes in: its rows are converted, not the table.
        identity = self._values(rows)[..., :stop].astype(context.dtype) * self.width**0.5
        normed = self.norm(context.reshape(*context.shape[:-1], layers, self.width)).reshape(context.shape)
        return _split_evenly((normed + identity) * 0.5**0.5, layers)

    def _values(self, rows: TableRows) -> mx.array:
        if isinstance(self.table, nn.Module):
            return self.table(rows)
        assert not isinstance(rows, mx.array), "ids of a table that is not in memory"
        return self.table.unpack(rows)


def _split_evenly(x: mx.array, parts: int) -> list[mx.array]:
    """The last axis in equal parts: tens first, because beyond ten MLX makes one operation each."""
    width = x.shape[-1] // parts
    tens = mx.split(x, list(range(_JOINT_PARTS * width, x.shape[-1], _JOINT_PARTS * width)), axis=-1)
    return [part for ten in tens for part in mx.split(ten, ten.shape[-1] // width, axis=-1)]


class PerLayerInput(nn.Module):
    """What one layer does with its vector: projection(gelu(gate(x)) × vector), to be normed and added to x.

    Parameters: `gate.weight` [P, D], `projection.weight` [D, P], `norm.weight` [D].
    """

    def __init__(self, hidden: int, width: int, eps: float) -> None:
        super().__init__()
        self.gate = nn.Linear(hidden, width, bias=False)
        self.projection = nn.Linear(width, hidden, bias=False)
        self.norm = RMSNorm(hidden, eps)

    def __call__(self, x_LD: mx.array, vector_LP: mx.array) -> mx.array:
        """What to add to x once it is normed: [L, D]."""
        return self.projection(gated_gelu(self.gate(x_LD), vector_LP))
