"""Stands in for `mx.fast.metal_kernel`, so that code of the project runs its kernels at once, on the CPU."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlx.core as mx

from tests.kernels.shim.machine import Made, data_of, run_kernel
from tests.kernels.shim.source import Kernel, exported_kernel

_metal_kernel = mx.fast.metal_kernel


@dataclass
class OnCPU:
    """What takes the place of a kernel: its source comes from MLX, its results from the shim.

    Attributes:
        seed: of the order in which threads run.
        change: what is done to every source before it is run: a text, and what is put in its place where it is first.
        changed: whether there was such a place.
        seen: every kernel that was run.
    """

    seed: int = 0
    change: tuple[str, str] | None = None
    changed: bool = False

    def __post_init__(self) -> None:
        self.seen: list[Kernel] = []

    def metal_kernel(self, *, name: str, input_names: Sequence[str], output_names: Sequence[str], **more: Any) -> Any:
        """As `mx.fast.metal_kernel`."""
        real = _metal_kernel(name=name, input_names=input_names, output_names=output_names, **more)

        def call(*, inputs: Sequence[mx.array], **how: Any) -> list[mx.array]:
            kernel = self._changed(_source_of(real, inputs, how))
            self.seen.append(kernel)
            by_name = dict(zip(input_names, inputs, strict=True))
            given = [_given(buffer, by_name) for buffer in kernel.buffers[: -len(output_names)]]
            made = [Made(tuple(s), d) for s, d in zip(how["output_shapes"], how["output_dtypes"], strict=True)]
            return run_kernel(kernel, given, made, how["grid"], how["threadgroup"], self.seed)

        return call

    def _changed(self, kernel: Kernel) -> Kernel:
        if self.change is None or self.change[0] not in kernel.text:
            return kernel
        self.changed = True
        return Kernel(kernel.text.replace(*self.change, 1), kernel.name, kernel.call)


def _source_of(real: Any, inputs: Sequence[mx.array], how: dict[str, Any]) -> Kernel:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "call.mlxfn")
        mx.export_function(str(path), lambda *arrays: real(inputs=list(arrays), **how), *inputs)
        return exported_kernel(path.read_bytes())


def _given(buffer: str, by_name: dict[str, mx.array]) -> bytes:
    if buffer in by_name:
        return data_of(by_name[buffer])
    name, _, what = buffer.rpartition("_")
    shape = by_name[name].shape
    if what == "ndim":
        return struct.pack("<i", len(shape))
    if what == "shape":
        return struct.pack(f"<{len(shape)}i", *shape)
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return struct.pack(f"<{len(shape)}q", *strides)
