"""The activations of Gemma 4, written so that MLX compiles each into one kernel."""

from __future__ import annotations

import mlx.core as mx

from mlx_gemma4.kernels import gated_gelu as kernel

_TWICE_ROOT_TWO_OVER_PI = 1.5957691216057308
_CUBIC = 0.044715 * _TWICE_ROOT_TWO_OVER_PI


def gated_gelu(gate: mx.array, up: mx.array) -> mx.array:
    """gelu_tanh(gate) × up, elementwise over two arrays of one shape."""
    if kernel.has_kernel(gate) and gate.dtype == up.dtype:
        return kernel.fused_gated_gelu_by(gate, up)
    return plain_gated_gelu(gate, up)


def gated_gelu_of_halves(gate_up: mx.array) -> mx.array:
    """gelu_tanh(gate) × up of a joined projection: gate is the first half of its last axis, up the second."""
    if kernel.has_kernel(gate_up):
        return kernel.fused_gated_gelu(gate_up)
    return plain_gated_gelu(*mx.split(gate_up, 2, axis=-1))


@mx.compile
def plain_gated_gelu(gate: mx.array, up: mx.array) -> mx.array:
    """The same in plain MLX, which fuses it with what comes after it.

    The tanh form of GELU (Hendrycks & Gimpel, arXiv 1606.08415) equals g·sigmoid(2·√(2/π)·(g + 0.044715·g³)); in this
    form the chain is short enough to stay a single fused kernel.
    """
    return (gate * up) * mx.sigmoid(gate * (_TWICE_ROOT_TWO_OVER_PI + _CUBIC * (gate * gate)))


def within(x: mx.array, limit: float | None) -> mx.array:
    """Clamp to ±limit; None leaves x as it is."""
    return x if limit is None else mx.clip(x, -limit, limit)


def softcap(logits: mx.array, cap: float | None) -> mx.array:
    """cap·tanh(logits / cap), which keeps logits within ±cap; None leaves them alone."""
    return logits if cap is None else mx.tanh(logits / cap) * cap
