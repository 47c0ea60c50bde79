"""Attention of the picture tower: every patch sees every patch of its picture.

Shapes: P patches, N heads, H head dim, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.config import VisionConfig
from mlx_gemma4.model.layers.clipped_linear import ClippedLinear
from mlx_gemma4.model.layers.norms import RMSNorm, rms_norm
from mlx_gemma4.model.vision.axial_rope import AxialRotation


class VisionAttention(nn.Module):
    """Multi-head attention at scale 1 with normed q, k and v (transformers: Gemma4VisionAttention).

    Parameters: `q_proj.*`, `k_proj.*`, `v_proj.*`, `o_proj.*` (clipped linears; not joined, as each clamps the input
    to a range of its own), `q_norm.weight` and `k_norm.weight` [H].
    """

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        hidden, inner, clipped = config.hidden_size, config.heads * config.head_dim, config.clipped_linears
        self.heads, self.head_dim, self.eps = config.heads, config.head_dim, config.norm_eps
        self.q_proj = ClippedLinear(hidden, inner, clipped=clipped)
        self.k_proj = ClippedLinear(hidden, inner, clipped=clipped)
        self.v_proj = ClippedLinear(hidden, inner, clipped=clipped)
        self.o_proj = ClippedLinear(inner, hidden, clipped=clipped)
        self.q_norm = RMSNorm(config.head_dim, config.norm_eps)
        self.k_norm = RMSNorm(config.head_dim, config.norm_eps)

    def __call__(self, x_PD: mx.array, rotation: AxialRotation) -> mx.array:
        """[P, D] → [P, D]."""
        q_NPH = rotation(self._heads(self.q_norm(self._split(self.q_proj(x_PD)))))
        k_NPH = rotation(self._heads(self.k_norm(self._split(self.k_proj(x_PD)))))
        v_NPH = self._heads(rms_norm(self._split(self.v_proj(x_PD)), None, self.eps))
        attended = mx.fast.scaled_dot_product_attention(q_NPH[None], k_NPH[None], v_NPH[None], scale=1.0)[0]
        return self.o_proj(attended.transpose(1, 0, 2).reshape(x_PD.shape[0], self.heads * self.head_dim))

    def _split(self, projected: mx.array) -> mx.array:
        return projected.reshape(-1, self.heads, self.head_dim)

    @staticmethod
    def _heads(x_PNH: mx.array) -> mx.array:
        return x_PNH.transpose(1, 0, 2)
