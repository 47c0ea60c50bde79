"""From a tower's width to the decoder's.

Shapes: S soft tokens.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.layers.norms import rms_norm


class SoftTokenProjector(nn.Module):
    """RMS norm without a weight, then a linear (transformers: Gemma4MultimodalEmbedder).

    Parameters: `linear.weight` [decoder width, tower width].
    """

    def __init__(self, tower_width: int, decoder_width: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.linear = nn.Linear(tower_width, decoder_width, bias=False)

    def __call__(self, soft_SD: mx.array) -> mx.array:
        """[S, tower width] → [S, decoder width]."""
        return self.linear(rms_norm(soft_SD, None, self.eps))
