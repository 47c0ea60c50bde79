"""Keeps a backend's queue short, where it would take results of many layers before the first of them has run."""

from __future__ import annotations

from collections.abc import Mapping

import mlx.core as mx

from mlx_gemma4.kernels.backend import Backend, backend

LAYERS_OF_A_GROUP: Mapping[Backend, int] = {"cuda": 3}
"""CUDA queues eleven hundred kernels, which is forty layers: gigabytes, and new memory has to be mapped for each. Two
groups keep the GPU busy. Other backends have a shorter queue."""


class InFlight:
    """Layers that are computed while later ones are built: two groups of them at most."""

    def __init__(self) -> None:
        self._layers_of_a_group = LAYERS_OF_A_GROUP.get(backend(), 0)
        self._layers = 0
        self._before: mx.array | None = None

    def add(self, x: mx.array) -> None:
        """A layer more, which puts out `x`; with the last of a group, wait for the group before."""
        self._layers += 1
        if self._layers_of_a_group and self._layers % self._layers_of_a_group == 0:
            mx.async_eval(x)
            if self._before is not None:
                mx.eval(self._before)
            self._before = x
