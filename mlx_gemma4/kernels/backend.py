"""Which backend computes by default, for the few places where backends want other forms."""

from __future__ import annotations

from typing import Literal, TypeAlias

import mlx.core as mx

Backend: TypeAlias = Literal["cpu", "cuda", "metal"]


def backend() -> Backend:
    """The backend of the default device."""
    if on_cpu():
        return "cpu"
    return "metal" if mx.metal.is_available() else "cuda"


def on_cpu() -> bool:
    """Whether the default device is the CPU, where MLX's fused operations fall apart into many small ones."""
    return mx.default_device().type == mx.DeviceType.cpu
