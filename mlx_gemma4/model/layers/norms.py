"""Root-mean-square norms; the weight is applied as it is, without the "+1" of earlier Gemmas.

Shapes: A heads, H head dim, D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn


class RMSNorm(nn.Module):
    """x / rms(x) × weight over the last axis, computed in float32 (Zhang & Sennrich, arXiv 1910.07467)."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = mx.ones((width,))
        self.eps = eps

    def __call__(self, x: mx.array) -> mx.array:
        """Norm `x` [..., width]; the dtype stays."""
        return mx.fast.rms_norm(x, self.weight, self.eps)


def plain_rms_norm(x: mx.array, eps: float) -> mx.array:
    """The RMS norm over the last axis without a weight."""
    return mx.fast.rms_norm(x, None, eps)
