"""The text decoder: embeddings, layers, final norm and tied head.

Shapes: L tokens, P width of a per-layer embedding, D hidden, V vocabulary. Batch axes may come before L.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import mlx.core as mx
import numpy as np
from mlx import nn

from mlx_gemma4.kernels.in_flight import InFlight
from mlx_gemma4.model.config import TextConfig
from mlx_gemma4.model.layers.activations import softcap
from mlx_gemma4.model.layers.norms import RMSNorm
from mlx_gemma4.model.layers.rope import Rotation, rope_frequencies
from mlx_gemma4.model.text.attention import attend
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.decoder_layer import DecoderLayer, Stream
from mlx_gemma4.model.text.forward_pass import ForwardPass
from mlx_gemma4.model.text.kv_sharing import KVSharingPlan
from mlx_gemma4.model.text.per_layer_embeddings import PerLayerEmbeddings, TableRows

Vectors: TypeAlias = list[mx.array] | None
"""The per-layer embeddings of a pass: [L, P] for each layer, or None in models without them."""


class TextDecoder(nn.Module):
    """Token embeddings to logits.

    Parameters: `embed_tokens.weight` [V, D], `per_layer_embeddings.*` (E models), `layers.<n>.*`, `norm.weight` [D].
    The head is tied to `embed_tokens`.
    """

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.plan = KVSharingPlan(config.layer_types, config.borrowing_layers)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        ple = config.per_layer_embeddings
        self.per_layer_embeddings = PerLayerEmbeddings(config, ple) if ple else None
        self.layers = [DecoderLayer(config, layer) for layer in range(config.layers)]
        self.norm = RMSNorm(config.hidden_size, config.norm_eps)

    @property
    def dtype(self) -> mx.Dtype:
        """The dtype that everything between embedding and logits is computed in."""
        return self.norm.weight.dtype

    def embed(self, token_ids_L: mx.array) -> mx.array:
        """Scaled token embeddings [L, D]; the scale √D is rounded to the embedding's dtype, as in the reference."""
        embedded = self.embed_tokens(token_ids_L)
        return embedded * mx.array(self.config.hidden_size**0.5, dtype=embedded.dtype)

    @property
    def fetches_rows(self) -> bool:
        """Whether the table of per-layer embeddings is not in memory: whoever runs tokens must know them then."""
        return self.per_layer_embeddings is not None and self.per_layer_embeddings.is_on_disk

    def fetch_rows(self, ids_L: np.ndarray) -> list[mx.array]:
        """What `per_layer_vectors` needs instead of ids where rows are fetched; else nothing.

        Raises:
            CheckpointError: they cannot be read any more.
        """
        table = self.per_layer_embeddings.table if self.per_layer_embeddings else None
        return [] if table is None or isinstance(table, nn.Module) else table.fetch(ids_L)

    def per_layer_vectors(self, rows: TableRows, embedded_LD: mx.array, layers: int) -> Vectors:
        """Per-layer embeddings of the first `layers` layers, or None where the model has none."""
        if self.per_layer_embeddings is None:
            return None
        return self.per_layer_embeddings(rows, embedded_LD, layers)

    def rotations(self, positions_L: mx.array) -> dict[AttentionType, Rotation]:
        """Sines and cosines of each attention type at some positions."""
        return rotations_at(self.config, positions_L)

    def begin(self, x_LD: mx.array) -> Stream:
        """The residual stream before the first layer."""
        return Stream(x_LD, self.layers[0].input_norm(x_LD))

    def norm_after(self, layer: int) -> RMSNorm:
        """The norm through which the stream is read after a layer."""
        return self.layers[layer + 1].input_norm if layer + 1 < len(self.layers) else self.norm

    def run_layers(self, stream: Stream, vectors: Vectors, forward: ForwardPass, layers: Iterable[int]) -> Stream:
        """Run some layers in order over the residual stream."""
        for layer in layers:
            kind = self.config.layer_types[layer]
            q_NLH, k_KLH, v_KLH = self.layers[layer].project(stream, forward.rotations[kind])
            if k_KLH is not None and v_KLH is not None:
                forward.extend(layer, k_KLH, v_KLH)
            keys, values = forward.keys_values[self.plan.sources[layer]]
            attended_LJ = attend(q_NLH, keys, values, forward.masks[kind])
            vector_LP = vectors[layer] if vectors else None
            stream = self.layers[layer].finish(stream.x_LD, attended_LJ, vector_LP, self.norm_after(layer))
        return stream

    def fill_caches(self, x_LD: mx.array, vectors: Vectors, forward: ForwardPass) -> None:
        """Do only what the stores of `forward` need: no query of the last owner, no borrower, no logits."""
        stream, in_flight = self.begin(x_LD), InFlight()
        for layer in self.plan.filling_layers:
            stream = self.run_layers(stream, vectors, forward, [layer])
            in_flight.add(stream.x_LD)
        last = self.plan.last_owner
        rotation = forward.rotations[self.config.layer_types[last]]
        forward.extend(last, *self.layers[last].project_keys_values(stream, rotation))

    def logits(self, normed_LD: mx.array) -> mx.array:
        """Tied head and softcap: [L, V] of the stream as the final norm makes it."""
        return softcap(self.embed_tokens.as_linear(normed_LD), self.config.logit_softcap)


def rotations_at(config: TextConfig, positions_L: mx.array) -> dict[AttentionType, Rotation]:
    """Sines and cosines of each attention type of a decoder at some positions."""
    return {
        kind: Rotation.of(positions_L, rope_frequencies(shape.head_dim, shape.rope_theta, shape.rotated_fraction))
        for kind, shape in ((AttentionType.SLIDING, config.sliding), (AttentionType.GLOBAL, config.full))
    }
