"""Attention of the picture tower: every patch sees every patch of its picture.

Shapes: P patches, N heads, H head dim, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.config import VisionConfig
from mlx_gemma4.model.layers.clipped_linear import ClippedLinear, ClippedLinears
from mlx_gemma4.model.layers.norms import rms_norm
from mlx_gemma4.model.vision.axial_rope import AxialRotation


class VisionAttention(nn.Module):
    """Multi-head attention at scale 1 with normed q, k and v (transformers: Gemma4VisionAttention).

    Parameters: `qkv_proj.*` and `o_proj.*` (clipped linears), `qk_norm` [2·H], the weights of q's norm, then of k's.
    """

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        hidden, inner, clipped = config.hidden_size, config.heads * config.head_dim, config.clipped_linears
        self.heads, self.head_dim, self.eps = config.heads, config.head_dim, config.norm_eps
        self.qkv_proj = ClippedLinears(hidden, inner, 3, clipped=clipped)
        self.o_proj = ClippedLinear(inner, hidden, clipped=clipped)
        self.qk_norm = mx.ones((2 * config.head_dim,))

    def __call__(self, x_PD: mx.array, rotation: AxialRotation) -> mx.array:
        """[P, D] → [P, D]."""
        patches = x_PD.shape[0]
        heads_3PNH = self.qkv_proj.stacked(x_PD).reshape(3, patches, self.heads, self.head_dim)
        qk_2NPH, v_1NPH = mx.split(rms_norm(heads_3PNH, None, self.eps).swapaxes(1, 2), [2])
        q_1NPH, k_1NPH = mx.split(rotation(qk_2NPH, self.qk_norm.reshape(2, 1, 1, self.head_dim)), 2)
        attended_1NPH = mx.fast.scaled_dot_product_attention(q_1NPH, k_1NPH, v_1NPH, scale=1.0)
        return self.o_proj(attended_1NPH.swapaxes(1, 2).reshape(patches, self.heads * self.head_dim))
