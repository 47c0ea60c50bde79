"""Root-mean-square norms; the weight is applied as it is, without the "+1" of earlier Gemmas.

Shapes: L tokens, D width.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.layers.backend import on_cpu


class RMSNorm(nn.Module):
    """x / rms(x) × weight over the last axis, computed in float32 (Zhang & Sennrich, arXiv 1910.07467)."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = mx.ones((width,))
        self.eps = eps

    def __call__(self, x_LD: mx.array) -> mx.array:
        """Norm the last axis; the dtype stays."""
        return rms_norm(x_LD, self.weight, self.eps)


def rms_norm(x_LD: mx.array, weight_D: mx.array | None, eps: float) -> mx.array:
    """The norm of `RMSNorm`; without a weight, or with one, over the last axis of any shape.

    For single rows on the CPU the sum of squares is a dot product: one operation and a fused one, where MLX's norm is
    expanded into eight there.
    """
    if on_cpu() and x_LD.dtype == mx.float32 and x_LD.shape[-2] == 1:
        squares = x_LD @ x_LD.swapaxes(-1, -2)
        normed = x_LD * mx.rsqrt(squares * (1 / x_LD.shape[-1]) + eps)
        return normed if weight_D is None else normed * weight_D
    return mx.fast.rms_norm(x_LD, weight_D, eps)
