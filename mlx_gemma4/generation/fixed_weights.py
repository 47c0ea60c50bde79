"""A view of a model in whose decoder everything that depends on weights alone is already computed."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.layers.expert_linear import ExpertLinear
from mlx_gemma4.model.text.attention import Attention

_Module = TypeVar("_Module", bound=nn.Module)


class _TurnedLinear(nn.Module):
    """A linear without bias whose weight is held the way a product wants it: a view, not a copy."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.turned_weight = linear.weight.T

    def __call__(self, x: mx.array) -> mx.array:
        return x @ self.turned_weight


class _TurnedExpertLinear(nn.Module):
    """`ExpertLinear` whose matrices are held so."""

    def __init__(self, linear: ExpertLinear) -> None:
        super().__init__()
        self.turned_weight = linear.weight.swapaxes(-1, -2)

    def __call__(self, x: mx.array, chosen: mx.array, rows: mx.array | None = None) -> mx.array:
        return mx.gather_mm(x, self.turned_weight, rows, chosen, sorted_indices=rows is None)


def with_fixed_weights(model: Gemma4) -> Gemma4:
    """The same model with a decoder for compiled steps: all weights are shared, a quarter of the operations saved.

    A compiled function recomputes whatever it derives from its constants, so transposed weights and joined norm weights
    are derived here, once. Weights that change later do not reach it. Embedding tables are not touched, so that rows
    of a table that is not read into memory yet stay where they are.
    """
    derived: list[mx.array] = []
    fixed = copy.copy(model)
    fixed.text = _fixed(model.text, derived)
    mx.eval(derived)
    return fixed


def with_turned_weights(module: _Module) -> _Module:
    """The same for any other module."""
    derived: list[mx.array] = []
    fixed = _fixed(module, derived)
    mx.eval(derived)
    return fixed


def _fixed(value: Any, derived: list[mx.array]) -> Any:
    """A copy of a tree of modules that shares its arrays; what had to be computed is added to `derived`."""
    if isinstance(value, list):
        return [_fixed(item, derived) for item in value]
    turned: _TurnedLinear | _TurnedExpertLinear | None = None
    if type(value) is nn.Linear and "bias" not in value:
        turned = _TurnedLinear(value)
    elif type(value) is ExpertLinear:
        turned = _TurnedExpertLinear(value)
    if turned is not None:
        derived.append(turned.turned_weight)
        return turned
    if not isinstance(value, nn.Module):
        return value
    copied = copy.copy(value)
    for name, child in value.items():
        copied[name] = _fixed(child, derived)
    if isinstance(value, Attention):
        copied.fixed_head_weights = value.head_weights(value.query_heads)
        derived.extend(copied.fixed_head_weights)
    return copied
