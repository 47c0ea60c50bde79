"""The activations of Gemma 4, written so that MLX compiles each into one kernel."""

from __future__ import annotations

import mlx.core as mx

_TWICE_ROOT_TWO_OVER_PI = 1.5957691216057308
_CUBIC = 0.044715 * _TWICE_ROOT_TWO_OVER_PI


@mx.compile
def gated_gelu(gate: mx.array, up: mx.array) -> mx.array:
    """gelu_tanh(gate) × up, elementwise over two arrays of one shape.

    The tanh form of GELU (Hendrycks & Gimpel, arXiv 1606.08415) equals g·sigmoid(2·√(2/π)·(g + 0.044715·g³)); in this
    form the chain is short enough to stay a single fused kernel.
    """
    return (gate * up) * mx.sigmoid(gate * (_TWICE_ROOT_TWO_OVER_PI + _CUBIC * (gate * gate)))


def softcap(logits: mx.array, cap: float | None) -> mx.array:
    """cap·tanh(logits / cap), which keeps logits within ±cap; None leaves them alone."""
    return logits if cap is None else mx.tanh(logits / cap) * cap
