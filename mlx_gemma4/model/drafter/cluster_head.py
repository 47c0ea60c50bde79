"""The likeliest token without scoring the whole vocabulary: the tokens of the likeliest clusters alone.

Shapes: L rows, D drafter's hidden, C clusters, T tokens of a cluster, N candidates.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.drafter.config import ClusterConfig


class ClusterHead(nn.Module):
    """Parameters: `centroids.weight` [C, D] and `ordering` [C·T], integers: the ids of cluster after cluster.

    (transformers: Gemma4AssistantMaskedEmbedder.)
    """

    def __init__(self, hidden: int, vocabulary: int, config: ClusterConfig) -> None:
        super().__init__()
        self.chosen, self.clusters = config.chosen, config.clusters
        self.centroids = nn.Linear(hidden, config.clusters, bias=False)
        self.ordering = mx.zeros((vocabulary,), dtype=mx.int32)

    def __call__(self, normed_LD: mx.array, embedding: nn.Embedding) -> tuple[mx.array, mx.array]:
        """Logits [L, N] of the candidates and their ids [L, N]."""
        scores_LC = self.centroids(normed_LD)
        best = mx.argpartition(-scores_LC, self.chosen - 1, axis=-1)[:, : self.chosen]
        ids_LN = self.ordering.reshape(self.clusters, -1)[best].reshape(len(normed_LD), -1)
        rows_LND = embedding(ids_LN)
        return (rows_LND @ normed_LD[..., None]).squeeze(-1), ids_LN
