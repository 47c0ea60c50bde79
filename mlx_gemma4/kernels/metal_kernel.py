"""Makes a Metal kernel once for each source, when it is first called."""

from __future__ import annotations

from functools import cache
from typing import Any

import mlx.core as mx


@cache
def metal_kernel(name: str, inputs: tuple[str, ...], outputs: tuple[str, ...], body: str, header: str = "") -> Any:
    """`mx.fast.metal_kernel`, kept.

    Args:
        name: tells kernels with different bodies apart.
        inputs: names of the arrays it is given.
        outputs: names of those it makes.
        body: Metal source of what a thread does.
        header: Metal source of the functions that the body calls.
    """
    return mx.fast.metal_kernel(
        name=name, input_names=list(inputs), output_names=list(outputs), source=body, header=header
    )
