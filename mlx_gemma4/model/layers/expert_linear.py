"""A linear for each expert, applied to rows that have each chosen one.

Shapes: R rows, C numbers of a row, E experts, O outputs. One matrix product can serve all rows, because MLX gathers
the matrices instead of copying them.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn


class ExpertLinear(nn.Module):
    """`weight` [E, O, C]; no bias."""

    def __init__(self, experts: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = mx.zeros((experts, outputs, inputs))

    def __call__(self, x_R1C: mx.array, chosen_R: mx.array, rows: mx.array | None = None) -> mx.array:
        """Each row times the matrix of its expert: [R, 1, O].

        Args:
            x_R1C: the rows.
            chosen_R: the expert of each row, an integer; without `rows` they must never fall, so that rows of one
                expert can be computed together.
            rows: which row each expert gets, [R]; without it they are taken as they come.
        """
        return mx.gather_mm(x_R1C, self.weight.swapaxes(-1, -2), rows, chosen_R, sorted_indices=rows is None)

    def to_quantized(self, group_size: int, bits: int, mode: str = "affine") -> QuantizedExpertLinear:
        """The same with packed matrices (the name and arguments that MLX's own linears have)."""
        return QuantizedExpertLinear(self.weight, group_size, bits, mode)


class QuantizedExpertLinear(nn.Module):
    """`ExpertLinear` with packed matrices: `weight`, `scales` and, in affine mode, `biases`, [E, O, packed C] each."""

    def __init__(self, weight_EOC: mx.array, group_size: int, bits: int, mode: str) -> None:
        super().__init__()
        self.group_size, self.bits, self.mode = group_size, bits, mode
        self.weight, self.scales, *biases = mx.quantize(weight_EOC, group_size, bits, mode)
        if biases:
            self.biases = biases[0]

    def __call__(self, x_R1C: mx.array, chosen_R: mx.array, rows: mx.array | None = None) -> mx.array:
        """As `ExpertLinear` does."""
        return mx.gather_qmm(
            x_R1C,
            self.weight,
            self.scales,
            self.get("biases"),
            rows,
            chosen_R,
            transpose=True,
            group_size=self.group_size,
            bits=self.bits,
            mode=self.mode,
            sorted_indices=rows is None,
        )
