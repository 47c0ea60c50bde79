"""Apply only some output rows of a linear layer."""

from __future__ import annotations

import mlx.core as mx
from mlx import nn


def linear_rows(layer: nn.Module, x: mx.array, start: int, stop: int) -> mx.array:
    """layer(x)[..., start:stop] for a linear without bias, computing no other output where the layer's kind allows it.

    Plain and quantized linears compute just those rows; any other layer (an adapter, say) is applied whole.
    """
    if type(layer) is nn.Linear:
        return x @ layer.weight[start:stop].T
    if type(layer) is nn.QuantizedLinear:
        biases = layer.get("biases")
        return mx.quantized_matmul(
            x,
            layer.weight[start:stop],
            scales=layer.scales[start:stop],
            biases=None if biases is None else biases[start:stop],
            transpose=True,
            group_size=layer.group_size,
            bits=layer.bits,
            mode=layer.mode,
        )
    return layer(x)[..., start:stop]
