"""The two layouts of convolution kernels: transformers keeps channels before the kernel's places, MLX after them."""

from __future__ import annotations

import re

_KERNEL = re.compile(r"audio_tower\..*(\.conv|\.depthwise_conv1d)\.weight")


def axes_to_ours(canonical: str, stored: tuple[int, ...], ours: tuple[int, ...]) -> tuple[int, ...] | None:
    """How to transpose a stored kernel [out, in, places …] so that it has our shape [out, places …, in].

    None where the shape says that it is stored as ours already, as mlx-vlm does, or that it is neither.
    """
    axes = (0, *range(2, len(stored)), 1)
    if not _KERNEL.fullmatch(canonical) or stored == ours or tuple(stored[axis] for axis in axes) != ours:
        return None
    return axes


def axes_to_transformers(canonical: str, dimensions: int) -> tuple[int, ...] | None:
    """How to transpose one of our kernels for transformers; None for anything that is not a kernel."""
    return (0, dimensions - 1, *range(1, dimensions - 1)) if _KERNEL.fullmatch(canonical) else None
