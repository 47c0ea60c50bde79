"""Grouped-query attention with normed queries, keys and values, and no 1/√d scale.

Shapes: L tokens, S keys, N query heads, K kv heads, A all heads of a projection, G query heads per kv head,
H head dim, J joined heads (N·H), D hidden. All but D and the weights may have batch axes in front.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import mlx.core as mx
from mlx import nn

from mlx_gemma4.kernels import heads, row_attention
from mlx_gemma4.kernels.backend import on_cpu
from mlx_gemma4.kernels.packed_rows import Packed, Rows
from mlx_gemma4.model.config import AttentionShape, TextConfig
from mlx_gemma4.model.layers.linear_rows import linear_rows
from mlx_gemma4.model.layers.norms import RMSNorm, normed_and_swapped
from mlx_gemma4.model.layers.rope import Rotation, swap_halves
from mlx_gemma4.model.text.banded_attention import Band, attend_in_band
from mlx_gemma4.model.text.masks import AttentionMask, Written
from mlx_gemma4.model.text.packed_attention import attend_packed


class Projected(NamedTuple):
    """Queries [N, L, H], and keys and values [K, L, H] where the layer owns some."""

    q_NLH: mx.array
    k_KLH: mx.array | None
    v_KLH: mx.array | None


class HeadWeights(NamedTuple):
    """The norm weights of all heads of a joined projection, ready for one pass of norm and rotation; [A, 1, H].

    Attributes:
        turned: multiplies what cos multiplies; 0 in value heads.
        swapped: the same weights with their halves swapped, multiplies what sin multiplies.
        still: multiplies heads that do not turn: 1 in value heads, else 0; [A, 1, 1], one array for all such layers.
    """

    turned: mx.array
    swapped: mx.array
    still: mx.array


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
        self.fixed_head_weights: HeadWeights | None = None
        if borrows:
            self.q_proj = nn.Linear(config.hidden_size, self.query_heads * self.head_dim, bias=False)
        else:
            all_heads = self.query_heads + self.kv_heads * (1 if self.values_are_keys else 2)
            self.qkv_proj = nn.Linear(config.hidden_size, all_heads * self.head_dim, bias=False)
            self.k_norm = RMSNorm(self.head_dim, self.eps)
        self.q_norm = RMSNorm(self.head_dim, self.eps)
        self.o_proj = nn.Linear(self.query_heads * self.head_dim, config.hidden_size, bias=False)

    def project(self, x_LD: mx.array, rotation: Rotation) -> Projected:
        """Queries, keys and values of x, normed, and the first two rotated."""
        projected = (self.qkv_proj if self.kv_heads else self.q_proj)(x_LD)
        return self._normed_and_rotated(projected, self.query_heads, rotation)

    def project_keys_values(self, x_LD: mx.array, rotation: Rotation) -> tuple[mx.array, mx.array]:
        """Only keys and values, for a prefill chunk whose queries nobody needs."""
        rows = self.qkv_proj.weight.shape[0]
        projected = linear_rows(self.qkv_proj, x_LD, self.query_heads * self.head_dim, rows)
        _, k_KLH, v_KLH = self._normed_and_rotated(projected, 0, rotation)
        assert k_KLH is not None and v_KLH is not None
        return k_KLH, v_KLH

    def output(self, attended_LJ: mx.array) -> mx.array:
        """Project the joined heads that `attend` returns back to [L, D]."""
        return self.o_proj(attended_LJ)

    def head_weights(self, queries: int) -> HeadWeights:
        """Norm weights for `queries` query heads, then key heads, then value heads."""
        values = 0 if self.values_are_keys else self.kv_heads
        rows = [self.q_norm.weight] * queries
        if self.kv_heads:
            rows += [self.k_norm.weight] * self.kv_heads
        turned = mx.stack(rows + [mx.zeros_like(rows[0])] * values)[:, None]
        return HeadWeights(turned, swap_halves(turned), _still(len(rows), values, turned.dtype))

    def _normed_and_rotated(self, projected: mx.array, queries: int, rotation: Rotation) -> Projected:
        """Norm and rotate all heads in one pass: w·x̂ turned for queries and keys, x̂ as it is for values."""
        if heads.has_kernel(projected, self.head_dim):
            return self._by_kernel(projected, queries, rotation)
        weights = self.fixed_head_weights or self.head_weights(queries)
        normed_ALH, swapped_ALH = normed_and_swapped(split_heads(projected, self.head_dim), self.eps)
        heads_ALH = _weigh_and_turn(normed_ALH, swapped_ALH, *weights, *rotation)
        if self.kv_heads == 0:
            return Projected(heads_ALH, None, None)
        if self.values_are_keys:
            q_NLH, k_KLH = mx.split(heads_ALH, [queries], axis=-3)
            return Projected(q_NLH, k_KLH, normed_ALH[..., queries:, :, :])
        return Projected(*mx.split(heads_ALH, [queries, queries + self.kv_heads], axis=-3))

    def _by_kernel(self, projected: mx.array, queries: int, rotation: Rotation) -> Projected:
        made = heads.fused_heads(
            projected, self.q_norm.weight, self.k_norm.weight if self.kv_heads else None, *rotation,
            queries=queries, kv_heads=self.kv_heads, values_are_keys=self.values_are_keys, eps=self.eps,
        )  # fmt: skip
        q_NLH = made.pop(0) if queries else mx.zeros((0, len(projected), self.head_dim), projected.dtype)
        return Projected(q_NLH, *(made or (None, None)))


@lru_cache
def _still(turning: int, values: int, dtype: mx.Dtype) -> mx.array:
    return mx.array([[[0.0]]] * turning + [[[1.0]]] * values, dtype=dtype)


@mx.compile
def _weigh_and_turn(
    x_ALH: mx.array,
    swapped_ALH: mx.array,
    turned: mx.array,
    swapped: mx.array,
    still: mx.array,
    cos_LH: mx.array,
    sin_LH: mx.array,
) -> mx.array:
    """One kernel: x·w turned in query and key heads, x in value heads (`HeadWeights`, `Rotation`)."""
    return (x_ALH * (turned * cos_LH + still) + swapped_ALH * (swapped * sin_LH)).astype(x_ALH.dtype)


def split_heads(x: mx.array, head_dim: int) -> mx.array:
    """[L, A·H] → [A, L, H]; for a single token that is only a reshape."""
    *batch, tokens, width = x.shape
    if tokens == 1:
        return x.reshape(*batch, width // head_dim, 1, head_dim)
    return x.reshape(*batch, tokens, width // head_dim, head_dim).swapaxes(-2, -3)


def join_heads(x_ALH: mx.array) -> mx.array:
    """[A, L, H] → [L, A·H]."""
    *batch, heads, tokens, head_dim = x_ALH.shape
    return x_ALH.swapaxes(-2, -3).reshape(*batch, tokens, heads * head_dim)


def attend(q_NLH: mx.array, k_KSH: Rows, v_KSH: Rows, mask: AttentionMask) -> mx.array:
    """Softmax attention at scale 1 over grouped heads, which are joined in the result: [L, N·H].

    On the CPU a single query is three plain operations, where MLX's fused attention is expanded into a dozen.
    """
    heads, tokens, head_dim = q_NLH.shape[-3:]
    if isinstance(mask, Band):
        assert isinstance(k_KSH, mx.array) and isinstance(v_KSH, mx.array), "sliding layers are never packed"
        return attend_in_band(q_NLH, k_KSH, v_KSH, mask)
    if isinstance(mask, Written):
        if row_attention.has_kernel(q_NLH, k_KSH):
            return row_attention.row_attention(q_NLH, k_KSH, v_KSH, mask.offset, window=mask.window, behind=mask.behind)
        mask = mask.hidden
    if isinstance(k_KSH, Packed) or isinstance(v_KSH, Packed):
        assert isinstance(k_KSH, Packed) and isinstance(v_KSH, Packed)
        return attend_packed(q_NLH, k_KSH, v_KSH, mask)
    if q_NLH.ndim == 3 and tokens == 1 and on_cpu():
        q_KGH = q_NLH.reshape(k_KSH.shape[0], -1, head_dim)
        keys_KHS = k_KSH.swapaxes(-1, -2)
        scores_KGS = mx.addmm(mask, q_KGH, keys_KHS) if isinstance(mask, mx.array) else q_KGH @ keys_KHS
        return (mx.softmax(scores_KGS, axis=-1, precise=True) @ v_KSH).reshape(1, heads * head_dim)
    if q_NLH.ndim == 3:
        return attend(q_NLH[None], k_KSH[None], v_KSH[None], mask).squeeze(0)  # [0] would be a copy
    return join_heads(mx.fast.scaled_dot_product_attention(q_NLH, k_KSH, v_KSH, scale=1.0, mask=mask))
