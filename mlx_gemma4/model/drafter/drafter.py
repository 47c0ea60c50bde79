"""One drafted token after the other, from the target's hidden state and over its keys and values.

Shapes: L rows (1), B target's hidden, D drafter's hidden, K kv heads, S slots, H head dim, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping

import mlx.core as mx
from mlx import nn

from mlx_gemma4.kernels.packed_rows import Rows
from mlx_gemma4.model.config import TextConfig
from mlx_gemma4.model.drafter.cluster_head import ClusterHead
from mlx_gemma4.model.drafter.config import DrafterConfig
from mlx_gemma4.model.layers.norms import RMSNorm
from mlx_gemma4.model.layers.rope import Rotation
from mlx_gemma4.model.text.attention import attend
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.decoder import rotations_at
from mlx_gemma4.model.text.decoder_layer import DecoderLayer, Stream
from mlx_gemma4.model.text.masks import AttentionMask


class DrafterLayers(nn.Module):
    """The transformer in the middle: embedding, layers and final norm, under the names of a decoder."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = [DecoderLayer(config, layer) for layer in range(config.layers)]
        self.norm = RMSNorm(config.hidden_size, config.norm_eps)


class Drafter(nn.Module):
    """Gemma 4's drafter: it keeps nothing of its own, and every layer borrows the target's last keys and values.

    Parameters: `text.embed_tokens.weight` [V, D], `text.layers.<n>.*` (`DecoderLayer` without keys and values),
    `text.norm.weight` [D], `pre_projection.weight` [D, 2·B], `post_projection.weight` [B, D], and `cluster_head.*`
    (E2B, E4B).
    (transformers: Gemma4AssistantForCausalLM.)
    """

    def __init__(self, config: DrafterConfig) -> None:
        super().__init__()
        text = config.text
        self.config = config
        self.text = DrafterLayers(text)
        self.pre_projection = nn.Linear(2 * config.target_width, text.hidden_size, bias=False)
        self.post_projection = nn.Linear(text.hidden_size, config.target_width, bias=False)
        self.cluster_head = ClusterHead(text.hidden_size, text.vocab_size, config.clusters) if config.clusters else None

    def rotations(self, positions_L: mx.array) -> dict[AttentionType, Rotation]:
        """Sines and cosines of each attention type at some positions."""
        return rotations_at(self.config.text, positions_L)

    def __call__(
        self,
        embedded_LB: mx.array,
        hidden_LB: mx.array,
        rotations: Mapping[AttentionType, Rotation],
        keys_values: Mapping[AttentionType, tuple[Rows, Rows]],
        masks: Mapping[AttentionType, AttentionMask],
    ) -> tuple[mx.array, mx.array]:
        """One step: the hidden state for the next step [L, B], and this one as the head reads it [L, D].

        Args:
            embedded_LB: the last token as the target embeds it, scaled.
            hidden_LB: the target's state after its final norm at the token before; afterwards the drafter's own.
            rotations: at the position of the last token that has keys and values, the same for a whole draft.
            keys_values: [K, S, H] of the target's last owner of each type.
            masks: hide slots without a row.
        """
        x_LD = self.pre_projection(mx.concatenate([embedded_LB, hidden_LB], axis=-1))
        layers = self.text.layers
        stream = Stream(x_LD, layers[0].input_norm(x_LD))
        norms = [*(layer.input_norm for layer in layers[1:]), self.text.norm]
        for layer, kind, then in zip(layers, self.config.text.layer_types, norms, strict=True):
            q_NLH = layer.project(stream, rotations[kind]).q_NLH
            attended_LJ = attend(q_NLH, *keys_values[kind], masks[kind])
            stream = layer.finish(stream.x_LD, attended_LJ, None, then)
        return self.post_projection(stream.normed_LD), stream.normed_LD

    def best(self, normed_LD: mx.array) -> mx.array:
        """The likeliest tokens [L]."""
        if self.cluster_head is None:
            return mx.argmax(self.text.embed_tokens.as_linear(normed_LD), axis=-1)
        logits_LN, ids_LN = self.cluster_head(normed_LD, self.text.embed_tokens)
        return mx.take_along_axis(ids_LN, mx.argmax(logits_LN, axis=-1, keepdims=True), axis=-1).squeeze(-1)

    def logits(self, normed_LD: mx.array) -> mx.array:
        """Logits [L, V]; tokens of clusters that were not chosen have one less than the least of the others."""
        if self.cluster_head is None:
            return self.text.embed_tokens.as_linear(normed_LD)
        logits_LN, ids_LN = self.cluster_head(normed_LD, self.text.embed_tokens)
        rest = mx.broadcast_to(logits_LN.min() - 1, (len(normed_LD), self.config.text.vocab_size))
        return mx.put_along_axis(rest, ids_LN, logits_LN, axis=-1)
