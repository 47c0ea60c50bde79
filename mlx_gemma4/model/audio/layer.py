"""One conformer layer of the audio tower.

Shapes: S rows, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.audio.attention import ChunkedAttention, Surroundings
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.audio.feed_forward import BLOCK_EPS, FeedForward
from mlx_gemma4.model.audio.light_conv import LightConv
from mlx_gemma4.model.layers.activations import within
from mlx_gemma4.model.layers.norms import RMSNorm


class ConformerLayer(nn.Module):
    """Half a feed-forward step, attention, convolution, the other half (Gulati et al., arXiv 2005.08100).

    Parameters: `first_half.*`, `second_half.*` (`FeedForward`), `attention.*`, `light_conv.*`,
    `pre_attention_norm.weight`, `post_attention_norm.weight`, `output_norm.weight` [D each].
    (transformers: Gemma4AudioLayer.)
    """

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        self.limit = config.limit
        self.first_half = FeedForward(config)
        self.second_half = FeedForward(config)
        self.attention = ChunkedAttention(config)
        self.light_conv = LightConv(config)
        self.pre_attention_norm = RMSNorm(config.hidden_size, BLOCK_EPS)
        self.post_attention_norm = RMSNorm(config.hidden_size, BLOCK_EPS)
        self.output_norm = RMSNorm(config.hidden_size, BLOCK_EPS)

    def __call__(self, x_SD: mx.array, around: Surroundings) -> mx.array:
        """[S, D] → [S, D]."""
        x = self.first_half(x_SD)
        attended = self.attention(self.pre_attention_norm(within(x, self.limit)), around)
        x = x + self.post_attention_norm(within(attended, self.limit))
        return self.output_norm(within(self.second_half(self.light_conv(x)), self.limit))
