"""Linear layers whose inputs and outputs are clamped to ranges stored in the checkpoint.

Shapes: L rows, I inputs, O outputs, J linears that are joined.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.layers.linear_rows import linear_of_each


class ClippedLinear(nn.Module):
    """clamp(x) → linear without bias → clamp; with `clipped=False` just the linear.

    Parameters: `linear.weight` [O, I] and, where clipped, the scalars `input_min`, `input_max`, `output_min`,
    `output_max`. (transformers: Gemma4ClippableLinear.)
    """

    def __init__(self, inputs: int, outputs: int, *, clipped: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=False)
        self.clipped = clipped
        if clipped:
            self.input_min = self.output_min = mx.array(-float("inf"))
            self.input_max = self.output_max = mx.array(float("inf"))

    def __call__(self, x: mx.array) -> mx.array:
        """Apply to x [..., I]; returns [..., O]."""
        if not self.clipped:
            return self.linear(x)
        y = self.linear(mx.clip(x, self.input_min, self.input_max))
        return mx.clip(y, self.output_min, self.output_max)

    def parts(self, x: mx.array, count: int) -> list[mx.array]:
        """The result in equal parts [..., O / count], each clamped by itself, so that what follows is fused with it."""
        if not self.clipped:
            return list(mx.split(self.linear(x), count, axis=-1))
        y = self.linear(mx.clip(x, self.input_min, self.input_max))
        return [mx.clip(part, self.output_min, self.output_max) for part in mx.split(y, count, axis=-1)]


class ClippedLinears(nn.Module):
    """Several clipped linears of one input, each with ranges of its own, as one product.

    Parameters: `linear.weight` [J·O, I], the rows of the first, then of the next; where clipped, `input_min`,
    `input_max`, `output_min` and `output_max` [J].
    """

    def __init__(self, inputs: int, outputs: int, count: int, *, clipped: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, count * outputs, bias=False)
        self.count, self.clipped = count, clipped
        if clipped:
            self.input_min = self.output_min = mx.full((count,), -float("inf"))
            self.input_max = self.output_max = mx.full((count,), float("inf"))

    def stacked(self, x_LI: mx.array) -> mx.array:
        """What each makes of x: [J, L, O], clamped in one operation."""
        if not self.clipped:
            return self.linear(x_LI).reshape(x_LI.shape[0], self.count, -1).swapaxes(0, 1)
        return mx.clip(self._unclamped(x_LI), self.output_min[:, None, None], self.output_max[:, None, None])

    def apart(self, x_LI: mx.array) -> list[mx.array]:
        """What each makes of x: J times [L, O], clamped one by one, so that what follows is fused with it."""
        if not self.clipped:
            return list(mx.split(self.linear(x_LI), self.count, axis=-1))
        made = [y.squeeze(0) for y in mx.split(self._unclamped(x_LI), self.count)]
        lowest, highest = mx.split(self.output_min, self.count), mx.split(self.output_max, self.count)
        return [mx.clip(*of_one) for of_one in zip(made, lowest, highest, strict=True)]

    def _unclamped(self, x_LI: mx.array) -> mx.array:
        x_JLI = mx.clip(x_LI, self.input_min[:, None, None], self.input_max[:, None, None])
        return linear_of_each(self.linear, x_JLI)
