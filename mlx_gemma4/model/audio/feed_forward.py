"""The half-step feed-forward block of the audio tower.

Shapes: S rows, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.layers.activations import within
from mlx_gemma4.model.layers.clipped_linear import ClippedLinear
from mlx_gemma4.model.layers.norms import RMSNorm

BLOCK_EPS = 1e-6  # the reference's own, whatever the config says
_WIDENING = 4


class FeedForward(nn.Module):
    """x + ½·norm(down(silu(up(norm(x))))) (transformers: Gemma4AudioFeedForward).

    Parameters: `up_proj.*`, `down_proj.*` (clipped linears), `pre_norm.weight`, `post_norm.weight` [D each].
    """

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        hidden, clipped = config.hidden_size, config.clipped_linears
        self.step_weight, self.limit = config.residual_weight, config.limit
        self.up_proj = ClippedLinear(hidden, _WIDENING * hidden, clipped=clipped)
        self.down_proj = ClippedLinear(_WIDENING * hidden, hidden, clipped=clipped)
        self.pre_norm = RMSNorm(hidden, BLOCK_EPS)
        self.post_norm = RMSNorm(hidden, BLOCK_EPS)

    def __call__(self, x_SD: mx.array) -> mx.array:
        """[S, D] → [S, D]."""
        wide = nn.silu(self.up_proj(self.pre_norm(within(x_SD, self.limit))))
        step = self.post_norm(within(self.down_proj(wide), self.limit))
        return x_SD + step * self.step_weight
