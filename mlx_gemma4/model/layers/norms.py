"""Root-mean-square norms; the weight is applied as it is, without the "+1" of earlier Gemmas.

Shapes: L tokens, D width.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.kernels import residual_norm
from mlx_gemma4.kernels.backend import on_cpu
from mlx_gemma4.kernels.residual_norm import Residual
from mlx_gemma4.model.layers.rope import swap_halves


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
    if _is_single_row_on_cpu(x_LD):
        normed = x_LD * _inverse_rms(x_LD, eps)
        return normed if weight_D is None else normed * weight_D
    return mx.fast.rms_norm(x_LD, weight_D, eps)


def add_normed(
    x_LD: mx.array, added_LD: mx.array, norm: RMSNorm, *, scale: mx.array | None = None, then: RMSNorm | None = None
) -> Residual:
    """The residual stream x + norm(added), times `scale`, and what `then` makes of it: by a kernel if there is one."""
    next_weight = None if then is None else then.weight
    if residual_norm.has_kernel(x_LD):
        return residual_norm.fused_residual_norm(x_LD, added_LD, norm.weight, norm.eps, scale, next_weight)
    x_LD = x_LD + norm(added_LD)
    if scale is not None:
        x_LD = x_LD * scale
    return Residual(x_LD, None if then is None else then(x_LD))


def normed_and_swapped(x_LD: mx.array, eps: float) -> tuple[mx.array, mx.array]:
    """The norm without a weight, and the same with the halves of the last axis swapped, as a rotation needs them."""
    if _is_single_row_on_cpu(x_LD):
        scale = _inverse_rms(x_LD, eps)  # after the swap, so that both products are fused into what uses them
        return x_LD * scale, swap_halves(x_LD) * scale
    normed = mx.fast.rms_norm(x_LD, None, eps)
    return normed, swap_halves(normed)


def _is_single_row_on_cpu(x_LD: mx.array) -> bool:
    return on_cpu() and x_LD.dtype == mx.float32 and x_LD.shape[-2] == 1


def _inverse_rms(x_LD: mx.array, eps: float) -> mx.array:
    return mx.rsqrt((x_LD @ x_LD.swapaxes(-1, -2)) * (1 / x_LD.shape[-1]) + eps)
