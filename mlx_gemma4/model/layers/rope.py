"""Rotary position embeddings, plain and proportional.

Shapes: A heads, L tokens, H head dim.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import mlx.core as mx
import numpy as np


def rope_frequencies(head_dim: int, theta: float, rotated_fraction: float = 1.0) -> np.ndarray:
    """Radians per position of each pair of dims (i, i + H/2); float32 [H/2].

    "Proportional" RoPE keeps the spacing θ^(−2i/H) of a fully rotated head but lets only the first
    `rotated_fraction` of the pairs turn: of 512 dims at 0.25 it rotates 0–63 and 256–319.
    (transformers: modeling_rope_utils, "proportional".)
    """
    turning = int(rotated_fraction * head_dim // 2)
    frequencies = np.zeros(head_dim // 2, dtype=np.float32)
    frequencies[:turning] = theta ** (-2.0 * np.arange(turning) / head_dim)
    return frequencies


class Rotation(NamedTuple):
    """How heads turn at some positions, made once and shared by all layers of a type; float32 [L, H] each.

    Dim i is paired with i + H/2: a rotated head is x · cos + swap_halves(x) · sin, where `sin` is negative in the first
    half.
    """

    cos: mx.array
    sin: mx.array

    @classmethod
    def of(cls, positions_L: mx.array, frequencies: np.ndarray) -> Rotation:
        """The rotation of `positions_L` (integers, one may be a scalar) by `frequencies` [H/2].

        The sine's sign goes into its frequencies, so that both tables are one fused operation each.
        """
        positions_L1 = positions_L.reshape(-1, 1).astype(mx.float32)
        twice, signed = (mx.array(np.concatenate([first, frequencies])) for first in (frequencies, -frequencies))
        return cls(mx.cos(positions_L1 * twice), mx.sin(positions_L1 * signed))

    def __call__(self, x_ALH: mx.array) -> mx.array:
        """Rotate every head; the dtype stays."""
        return (x_ALH * self.cos + swap_halves(x_ALH) * self.sin).astype(x_ALH.dtype)


def swap_halves(x: mx.array) -> mx.array:
    """The second half of the last axis, then the first; of a single row by one gather, the quickest for so little."""
    half = x.shape[-1] // 2
    if x.shape[-2] > 1:
        return mx.concatenate([x[..., half:], x[..., :half]], axis=-1)
    return mx.take_along_axis(x, _swapped_order(x.shape), axis=-1)


@lru_cache
def _swapped_order(shape: tuple[int, ...]) -> mx.array:
    """The indices of `swap_halves`: one for all layers of a shape, as each constant costs a compiled step time."""
    order = np.roll(np.arange(shape[-1], dtype=np.int32), shape[-1] // 2)
    return mx.array(np.broadcast_to(order, shape))
