"""One layer of the text decoder.

Shapes: L tokens, J joined query heads, D hidden, P width of a per-layer embedding.
"""

from __future__ import annotations

from typing import NamedTuple

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.config import TextConfig
from mlx_gemma4.model.layers.norms import RMSNorm, add_normed
from mlx_gemma4.model.layers.rope import Rotation
from mlx_gemma4.model.text.attention import Attention, Projected
from mlx_gemma4.model.text.feed_forward import FeedForward
from mlx_gemma4.model.text.moe import MixtureOfExperts
from mlx_gemma4.model.text.per_layer_embeddings import PerLayerInput


class Stream(NamedTuple):
    """The residual stream [L, D], and the same as the next layer's input norm, or the final one, makes it."""

    x_LD: mx.array
    normed_LD: mx.array


class DecoderLayer(nn.Module):
    """Attention and MLP, each between two norms, then the per-layer embedding, then a learned scale of everything.

    In 26B-A4B the MLP's output is joined by that of a few experts.

    The part before attention and the part after it are separate, because the attention in between may run over a
    cache outside of a compiled function.
    Parameters: `attention.*`, `feed_forward.*`, `input_norm.weight`, `post_attention_norm.weight`,
    `pre_feed_forward_norm.weight`, `post_feed_forward_norm.weight` [D each], `mixture.*` (26B-A4B),
    `per_layer_input.*` (E models) and `scale` [1].
    """

    def __init__(self, config: TextConfig, layer: int) -> None:
        super().__init__()
        hidden, eps = config.hidden_size, config.norm_eps
        borrows = layer >= config.layers - config.borrowing_layers
        self.attention = Attention(config, config.shape(layer), borrows=borrows)
        self.feed_forward = FeedForward(hidden, config.feed_forward_width(layer))
        self.input_norm = RMSNorm(hidden, eps)
        self.post_attention_norm = RMSNorm(hidden, eps)
        self.pre_feed_forward_norm = RMSNorm(hidden, eps)
        self.post_feed_forward_norm = RMSNorm(hidden, eps)
        experts, ple = config.experts, config.per_layer_embeddings
        self.mixture = MixtureOfExperts(hidden, experts, eps) if experts else None
        self.per_layer_input = PerLayerInput(hidden, ple.width, eps) if ple else None
        self.scale = mx.ones((1,))

    def project(self, stream: Stream, rotation: Rotation) -> Projected:
        """Queries, keys and values of the residual stream."""
        return self.attention.project(stream.normed_LD, rotation)

    def project_keys_values(self, stream: Stream, rotation: Rotation) -> tuple[mx.array, mx.array]:
        """Keys and values alone."""
        return self.attention.project_keys_values(stream.normed_LD, rotation)

    def finish(self, x_LD: mx.array, attended_LJ: mx.array, vector_LP: mx.array | None, then: RMSNorm) -> Stream:
        """The residual stream after this layer, given what its heads attended to; `then` is the norm that follows."""
        attended = self.attention.output(attended_LJ)
        x, normed = add_normed(x_LD, attended, self.post_attention_norm, then=self.pre_feed_forward_norm)
        assert normed is not None
        added, norm = self.feed_forward(normed), self.post_feed_forward_norm
        if self.mixture is not None:
            added = self.mixture(x, added)
        if self.per_layer_input is not None:
            assert vector_LP is not None
            x = add_normed(x, added, norm).x_LD
            added, norm = self.per_layer_input(x, vector_LP), self.per_layer_input.norm
        x, normed = add_normed(x, added, norm, scale=self.scale, then=then)
        assert normed is not None
        return Stream(x, normed)
