"""Lets any machine build the graph that Metal would compute, with one primitive where Metal has one.

Without Metal, MLX takes its fused operations apart while the graph is built, and has no custom kernels at all. Both are
replaced by nodes that have their inputs and outputs; such a graph can be counted, not computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import mlx.core as mx
import numpy as np

from mlx_gemma4.kernels.backend import as_on
from mlx_gemma4.kernels.metal_kernel import metal_kernel

STAND_IN = "CustomTransforms"
"""What MLX calls such a node."""

_attention = mx.fast.scaled_dot_product_attention


@contextmanager
def as_on_metal() -> Iterator[None]:
    """Within this, graphs are those of a Mac."""
    metal_kernel.cache_clear()
    with (
        as_on("metal"),
        patch.object(mx.fast, "rms_norm", _rms_norm),
        patch.object(mx.fast, "scaled_dot_product_attention", _attend),
        patch.object(mx.fast, "metal_kernel", _metal_kernel),
        patch.object(mx, "dequantize", _dequantize),
    ):
        yield
    metal_kernel.cache_clear()


def _node(inputs: Sequence[mx.array], shapes: Sequence[Sequence[int]], dtypes: Sequence[mx.Dtype]) -> list[mx.array]:
    """One primitive with these inputs and outputs."""
    made = tuple(
        mx.array(np.zeros(shape, np.float32), dtype=dtype) for shape, dtype in zip(shapes, dtypes, strict=True)
    )

    @mx.custom_function
    def node(*_: mx.array) -> Any:
        return made

    node.vjp(lambda given, *_: given)  # without one MLX would leave the node out
    outputs: Any = node(*inputs)
    return list(outputs)


def _rms_norm(x: mx.array, weight: mx.array | None, eps: float) -> mx.array:
    del eps
    return _node([x] if weight is None else [x, weight], [x.shape], [x.dtype])[0]


def _attend(q: mx.array, k: mx.array, v: mx.array, *, scale: float, mask: mx.array | str | None = None) -> mx.array:
    """One primitive where MLX 0.32 has a kernel for the shape, as far as its lists of kernels say; else the parts."""
    rows, head_dim, keys = q.shape[-2], q.shape[-1], k.shape[-2]
    if rows > 8:
        is_fused = head_dim in (64, 72, 80, 96, 128)
    elif head_dim == 512:
        is_fused = rows == 1 and q.shape[1] == 8 * k.shape[1] and not isinstance(mask, mx.array) and keys >= 1024
    else:
        is_fused = head_dim in (64, 96, 128, 256)
    if not is_fused:
        return _attention(q, k, v, scale=scale, mask=mask)
    given = [q, k, v, *([mask] if isinstance(mask, mx.array) else [])]
    return _node(given, [q.shape], [q.dtype])[0]


def _dequantize(
    w: mx.array, scales: mx.array, biases: mx.array | None = None, group_size: int = 64, bits: int = 4, **_: Any
) -> mx.array:
    del group_size
    given = [w, scales, *([] if biases is None else [biases])]
    return _node(given, [(*w.shape[:-1], w.shape[-1] * 32 // bits)], [scales.dtype])[0]


def _metal_kernel(**_: Any) -> Any:
    def call(*, inputs: Sequence[mx.array], output_shapes: Any, output_dtypes: Any, **_: Any) -> list[mx.array]:
        return _node(inputs, output_shapes, output_dtypes)

    return call
