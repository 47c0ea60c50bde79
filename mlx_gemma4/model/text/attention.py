"""Grouped-query attention with normed queries, keys and values, and no 1/√d scale.

Shapes: B batch, L tokens, S keys, N query heads, K kv heads, A all heads of a projection, H head dim, D hidden.
"""

from __future__ import annotations

from typing import NamedTuple

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.config import AttentionShape, TextConfig
from mlx_gemma4.model.layers.linear_rows import linear_rows
from mlx_gemma4.model.layers.norms import RMSNorm, plain_rms_norm
from mlx_gemma4.model.layers.rope import Rotation
from mlx_gemma4.model.text.masks import AttentionMask


class Projected(NamedTuple):
    """Queries [B, N, L, H], and keys and values [B, K, L, H] where the layer owns some."""

    q_BNLH: mx.array
    k_BKLH: mx.array | None
    v_BKLH: mx.array | None


class Attention(nn.Module):
    """The attention of one decoder layer, in three steps so that caches and compiled runs can stand between them.

    Parameters of an owning layer: `qkv_proj.weight` [(N+2K)·H, D] (rows of q, then k, then v; without the v rows
    where values are keys), `q_norm.weight` [H], `k_norm.weight` [H], `o_proj.weight` [D, N·H].
    A borrowing layer has `q_proj.weight` [N·H, D], `q_norm.weight` and `o_proj.weight`.
    (transformers: Gemma4TextAttention.)
    """

    def __init__(self, config: TextConfig, shape: AttentionShape, *, borrows: bool) -> None:
        super().__init__()
        self.query_heads = config.query_heads
        self.kv_heads = 0 if borrows else shape.kv_heads
        self.head_dim = shape.head_dim
        self.values_are_keys = shape.values_are_keys
        self.eps = config.norm_eps
        if borrows:
            self.q_proj = nn.Linear(config.hidden_size, self.query_heads * self.head_dim, bias=False)
        else:
            heads = self.query_heads + self.kv_heads * (1 if self.values_are_keys else 2)
            self.qkv_proj = nn.Linear(config.hidden_size, heads * self.head_dim, bias=False)
            self.k_norm = RMSNorm(self.head_dim, self.eps)
        self.q_norm = RMSNorm(self.head_dim, self.eps)
        self.o_proj = nn.Linear(self.query_heads * self.head_dim, config.hidden_size, bias=False)

    def project(self, x_BLD: mx.array, rotation: Rotation) -> Projected:
        """Queries, keys and values of x, normed, and the first two rotated."""
        if self.kv_heads == 0:
            q_BNLH = rotation(self._heads(self.q_norm(self._split(self.q_proj(x_BLD)))))
            return Projected(q_BNLH, None, None)
        return self._normed_and_rotated(self._split(self.qkv_proj(x_BLD)), self.query_heads, rotation)

    def project_keys_values(self, x_BLD: mx.array, rotation: Rotation) -> tuple[mx.array, mx.array]:
        """Only keys and values, for a prefill chunk whose queries nobody needs."""
        rows = self.qkv_proj.weight.shape[0]
        projected = linear_rows(self.qkv_proj, x_BLD, self.query_heads * self.head_dim, rows)
        _, k_BKLH, v_BKLH = self._normed_and_rotated(self._split(projected), 0, rotation)
        assert k_BKLH is not None and v_BKLH is not None
        return k_BKLH, v_BKLH

    def output(self, attended_BNLH: mx.array) -> mx.array:
        """Join the heads and project them back to [B, L, D]."""
        batch, heads, tokens, width = attended_BNLH.shape
        return self.o_proj(attended_BNLH.transpose(0, 2, 1, 3).reshape(batch, tokens, heads * width))

    def _split(self, projected: mx.array) -> mx.array:
        batch, tokens, _ = projected.shape
        return projected.reshape(batch, tokens, -1, self.head_dim)

    @staticmethod
    def _heads(x_BLAH: mx.array) -> mx.array:
        return x_BLAH.transpose(0, 2, 1, 3)

    def _normed_and_rotated(self, projected_BLAH: mx.array, queries: int, rotation: Rotation) -> Projected:
        """Norm all heads in one pass with a row of weights per head, and rotate the query and key heads together."""
        keys_end = queries + self.kv_heads
        normed_BLAH = plain_rms_norm(projected_BLAH, self.eps)
        weights_AH = mx.concatenate(
            [
                mx.broadcast_to(self.q_norm.weight, (queries, self.head_dim)),
                mx.broadcast_to(self.k_norm.weight, (self.kv_heads, self.head_dim)),
            ]
        )
        rotated_BALH = rotation(self._heads(normed_BLAH[:, :, :keys_end] * weights_AH))
        values_BLKH = normed_BLAH[:, :, queries if self.values_are_keys else keys_end :]
        return Projected(rotated_BALH[:, :queries], rotated_BALH[:, queries:], self._heads(values_BLKH))


def attend(q_BNLH: mx.array, k_BKSH: mx.array, v_BKSH: mx.array, mask: AttentionMask) -> mx.array:
    """Softmax attention at scale 1 over grouped heads: [B, N, L, H]."""
    return mx.fast.scaled_dot_product_attention(q_BNLH, k_BKSH, v_BKSH, scale=1.0, mask=mask)
