"""Which backend computes by default, for the few places where backends want other forms."""

from __future__ import annotations

import mlx.core as mx


def on_cpu() -> bool:
    """Whether the default device is the CPU, where MLX's fused operations fall apart into many small ones."""
    return mx.default_device().type == mx.DeviceType.cpu
