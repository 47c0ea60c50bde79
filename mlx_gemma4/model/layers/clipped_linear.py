"""A linear layer whose input and output are clamped to ranges stored in the checkpoint."""

from __future__ import annotations

import mlx.core as mx
from mlx import nn


class ClippedLinear(nn.Module):
    """clamp(x) → linear without bias → clamp; with `clipped=False` just the linear.

    Parameters: `linear.weight` [outputs, inputs] and, where clipped, the scalars `input_min`, `input_max`,
    `output_min`, `output_max`. (transformers: Gemma4ClippableLinear.)
    """

    def __init__(self, inputs: int, outputs: int, *, clipped: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=False)
        self.clipped = clipped
        if clipped:
            self.input_min = self.output_min = mx.array(-float("inf"))
            self.input_max = self.output_max = mx.array(float("inf"))

    def __call__(self, x: mx.array) -> mx.array:
        """Apply to x [..., inputs]; returns [..., outputs]."""
        if not self.clipped:
            return self.linear(x)
        y = self.linear(mx.clip(x, self.input_min, self.input_max))
        return mx.clip(y, self.output_min, self.output_max)
