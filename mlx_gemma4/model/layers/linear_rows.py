"""Apply only some output rows of a linear layer, or some rows to each of several inputs.

Shapes: L rows of an input, I inputs, O outputs, J inputs with rows of the layer's own for each.
"""

from __future__ import annotations

from collections.abc import Callable

import mlx.core as mx
from mlx import nn


def linear_rows(layer: nn.Module, x: mx.array, start: int, stop: int) -> mx.array:
    """layer(x)[..., start:stop] for a linear without bias, computing no other output where the layer's kind allows it.

    Plain and quantized linears compute just those rows; any other layer (an adapter, say) is applied whole.
    """
    if type(layer) is nn.Linear:
        return x @ layer.weight[start:stop].T
    if type(layer) is nn.QuantizedLinear:
        return _packed_product(layer, x, lambda rows: rows[start:stop])
    return layer(x)[..., start:stop]


def linear_of_each(layer: nn.Module, x_JLI: mx.array) -> mx.array:
    """The first of J equal parts of a linear's rows applied to the first input, and so on: [J, L, O].

    The linear is plain or quantized; its weights, [J·O, I], are not copied.
    """
    count = x_JLI.shape[0]
    if type(layer) is nn.QuantizedLinear:
        return _packed_product(layer, x_JLI, lambda rows: rows.reshape(count, -1, rows.shape[-1]))
    weight: mx.array = layer["weight"]
    return x_JLI @ weight.reshape(count, -1, x_JLI.shape[-1]).swapaxes(-1, -2)


def _packed_product(layer: nn.QuantizedLinear, x: mx.array, part: Callable[[mx.array], mx.array]) -> mx.array:
    """X times the transpose of what `part` makes of packed weights, and of their scales and biases alike."""
    biases = layer.get("biases")
    return mx.quantized_matmul(
        x,
        part(layer.weight),
        scales=part(layer.scales),
        biases=None if biases is None else part(biases),
        transpose=True,
        group_size=layer.group_size,
        bits=layer.bits,
        mode=layer.mode,
    )
