"""A view of a model in whose decoder everything that depends on weights alone is already computed."""

from __future__ import annotations

import copy
from typing import Any

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.text.attention import Attention


class _TurnedLinear(nn.Module):
    """A linear without bias whose weight is held the way a product wants it: a view, not a copy."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.turned_weight = linear.weight.T

    def __call__(self, x: mx.array) -> mx.array:
        return x @ self.turned_weight


def with_fixed_weights(model: Gemma4) -> Gemma4:
    """The same model with a decoder for compiled steps: all weights are shared, a quarter of the operations saved.

    A compiled function recomputes whatever it derives from its constants, so transposed weights and joined norm weights
    are derived here, once. Weights that change later do not reach it.
    """
    fixed = copy.copy(model)
    fixed.text = _fixed(model.text)
    mx.eval(fixed.text)
    return fixed


def _fixed(value: Any) -> Any:
    if isinstance(value, list):
        return [_fixed(item) for item in value]
    if type(value) is nn.Linear and "bias" not in value:
        return _TurnedLinear(value)
    if not isinstance(value, nn.Module):
        return value
    copied = copy.copy(value)
    for name, child in value.items():
        copied[name] = _fixed(child)
    if isinstance(value, Attention):
        copied.fixed_head_weights = value.head_weights(value.query_heads)
    return copied
