"""One layer of the picture tower.

Shapes: P patches, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.config import VisionConfig
from mlx_gemma4.model.layers.activations import plain_gated_gelu
from mlx_gemma4.model.layers.clipped_linear import ClippedLinear, ClippedLinears
from mlx_gemma4.model.layers.norms import RMSNorm, add_normed
from mlx_gemma4.model.vision.attention import VisionAttention
from mlx_gemma4.model.vision.axial_rope import AxialRotation


class VisionFeedForward(nn.Module):
    """down(gelu(gate(x)) × up(x)); parameters `gate_up_proj.*` and `down_proj.*` (clipped linears)."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        hidden, width, clipped = config.hidden_size, config.intermediate_size, config.clipped_linears
        self.gate_up_proj = ClippedLinears(hidden, width, 2, clipped=clipped)
        self.down_proj = ClippedLinear(width, hidden, clipped=clipped)

    def __call__(self, x_PD: mx.array) -> mx.array:
        """[P, D] → [P, D]."""
        return self.down_proj(plain_gated_gelu(*self.gate_up_proj.apart(x_PD)))


class VisionLayer(nn.Module):
    """Attention and MLP, each between two norms.

    Parameters: `attention.*`, `feed_forward.*`, `input_norm.weight`, `post_attention_norm.weight`,
    `pre_feed_forward_norm.weight`, `post_feed_forward_norm.weight` [D each].
    """

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.attention = VisionAttention(config)
        self.feed_forward = VisionFeedForward(config)
        self.input_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_attention_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.pre_feed_forward_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_feed_forward_norm = RMSNorm(config.hidden_size, config.norm_eps)

    def __call__(self, x_PD: mx.array, rotation: AxialRotation) -> mx.array:
        """[P, D] → [P, D]."""
        attended = self.attention(self.input_norm(x_PD), rotation)
        x_PD, normed_PD = add_normed(x_PD, attended, self.post_attention_norm, then=self.pre_feed_forward_norm)
        assert normed_PD is not None
        return add_normed(x_PD, self.feed_forward(normed_PD), self.post_feed_forward_norm).x_LD
