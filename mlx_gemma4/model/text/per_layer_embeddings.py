"""Per-layer embeddings (PLE): a small vector per token and layer, added to the residual stream of that layer.

Shapes: B batch, L tokens, T decoder layers, P width of one layer's vector, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.config import PerLayerEmbeddingConfig, TextConfig
from mlx_gemma4.model.layers.activations import gated_gelu
from mlx_gemma4.model.layers.linear_rows import linear_rows
from mlx_gemma4.model.layers.norms import RMSNorm


class PerLayerEmbeddings(nn.Module):
    """(norm(projection(x) / √D) + √P · table[id]) / √2 for every layer (transformers: project_per_layer_inputs).

    Parameters: `table.weight` [rows, T·P] (only ever gathered), `projection.weight` [T·P, D], `norm.weight` [P].
    """

    def __init__(self, config: TextConfig, ple: PerLayerEmbeddingConfig) -> None:
        super().__init__()
        self.width = ple.width
        self.layers = config.layers
        self.hidden_scale = config.hidden_size**-0.5
        self.table = nn.Embedding(ple.vocab_size, self.layers * ple.width)
        self.projection = nn.Linear(config.hidden_size, self.layers * ple.width, bias=False)
        self.norm = RMSNorm(ple.width, config.norm_eps)

    def __call__(self, token_ids_BL: mx.array, embedded_BLD: mx.array, layers: int) -> mx.array:
        """The vectors of the first `layers` layers: [B, L, layers, P].

        `embedded_BLD` are the decoder's inputs with soft tokens in place, `token_ids_BL` the ids with the pad id at
        soft tokens.
        """
        stop = layers * self.width
        context = linear_rows(self.projection, embedded_BLD, 0, stop) * self.hidden_scale
        identity = self.table(token_ids_BL)[..., :stop].astype(embedded_BLD.dtype) * self.width**0.5
        shape = (*token_ids_BL.shape, layers, self.width)
        return (self.norm(context.reshape(shape)) + identity.reshape(shape)) * 0.5**0.5


class PerLayerInput(nn.Module):
    """What one layer does with its vector: norm(projection(gelu(gate(x)) × vector)).

    Parameters: `gate.weight` [P, D], `projection.weight` [D, P], `norm.weight` [D].
    """

    def __init__(self, hidden: int, width: int, eps: float) -> None:
        super().__init__()
        self.gate = nn.Linear(hidden, width, bias=False)
        self.projection = nn.Linear(width, hidden, bias=False)
        self.norm = RMSNorm(hidden, eps)

    def __call__(self, x_BLD: mx.array, vector_BLP: mx.array) -> mx.array:
        """What to add to x: [B, L, D]."""
        return self.norm(self.projection(gated_gelu(self.gate(x_BLD), vector_BLP)))
