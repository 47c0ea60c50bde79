"""Layers of one kind run through one compiled function, which takes their parameters as inputs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import mlx.core as mx
from mlx import nn

from mlx_gemma4.kernels.backend import on_cpu
from mlx_gemma4.kernels.in_flight import InFlight


class AlikeLayers:
    """Runs layers one after the other.

    On a GPU they are compiled, which halves the launches of a tower of clipped linears. Layers that are alike share one
    trace, so that a new length of input is traced once and not once a layer. On the CPU, where the fused operations
    would first go through the machine's compiler for seconds, they run as they are.
    """

    def __init__(self, layers: Sequence[nn.Module], *, compiled: bool | None = None) -> None:
        """Layers that take an array and shared arguments; `compiled` None decides by the backend.

        What modules the layers are made of must not change after the first call; their arrays may.
        """
        self._layers = layers
        self._compiled = compiled
        self._functions: list[Callable[..., mx.array]] = []

    def __call__(self, x: mx.array, *shared: Any) -> mx.array:
        """Pass `x` through all layers; `shared` are arrays, or tuples of them, that each layer is given beside it."""
        if on_cpu() if self._compiled is None else not self._compiled:
            for layer in self._layers:
                x = layer(x, *shared)
            return x
        if not self._functions:
            self._functions = _shared_functions(self._layers)
        in_flight = InFlight()
        for layer, function in zip(self._layers, self._functions, strict=True):
            x = function(layer.parameters(), x, *shared)
            in_flight.add(x)
        return x


def _shared_functions(layers: Sequence[nn.Module]) -> list[Callable[..., mx.array]]:
    """For each layer a compiled function of its parameters and inputs, the same one for all that are alike."""
    functions: dict[Hashable, Callable[..., mx.array]] = {}
    return [functions.setdefault(_kind_of(layer), _compile(layer)) for layer in layers]


def _compile(layer: nn.Module) -> Callable[..., mx.array]:
    return mx.compile(lambda parameters, *inputs: _with_parameters(layer, parameters)(*inputs))


def _kind_of(layer: nn.Module) -> Hashable:
    """What a trace depends on beside arrays: the modules, and how quantized ones are packed."""
    return tuple(
        (name, type(module), *(getattr(module, field, None) for field in ("group_size", "bits", "mode")))
        for name, module in layer.named_modules()
    )


def _with_parameters(module: nn.Module, parameters: dict[str, Any]) -> nn.Module:
    """The same module with other arrays."""
    copied = copy.copy(module)
    for name, value in parameters.items():
        copied[name] = _with_parameters(module[name], value) if isinstance(value, dict) else value
    return copied
