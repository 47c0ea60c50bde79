"""The gated MLP of a decoder layer.

Shapes: L tokens, D hidden, F width of the MLP.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.layers.activations import gated_gelu_of_halves


class FeedForward(nn.Module):
    """down(gelu(gate(x)) × up(x)).

    Parameters: `gate_up_proj.weight` [2F, D] (gate rows first), `down_proj.weight` [D, F].
    """

    def __init__(self, hidden: int, width: int) -> None:
        super().__init__()
        self.gate_up_proj = nn.Linear(hidden, 2 * width, bias=False)
        self.down_proj = nn.Linear(width, hidden, bias=False)

    def __call__(self, x_LD: mx.array) -> mx.array:
        """[L, D] → [L, D]."""
        return self.down_proj(gated_gelu_of_halves(self.gate_up_proj(x_LD)))
