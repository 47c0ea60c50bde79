"""Says in one line what MLX computes on: `python -m mlx_gemma4.engine.device`."""

from __future__ import annotations

import sys


def describe() -> str:
    """The GPU with its memory if Metal or CUDA is there, and otherwise that there is none."""
    import mlx.core as mx

    info = mx.device_info()
    name = str(info.get("device_name", "")) or "an unnamed GPU"
    memory = info.get("memory_size", 0)
    size = f", {memory / 2**30:.0f} GB" if isinstance(memory, int) and memory else ""
    if mx.metal.is_available():
        return f"Metal: {name}{size}"
    if mx.default_device().type == mx.DeviceType.gpu:
        return f"CUDA: {name}{size}"
    return "Metal is absent: MLX computes on the CPU"


if __name__ == "__main__":
    print(describe())
    sys.exit(0)
