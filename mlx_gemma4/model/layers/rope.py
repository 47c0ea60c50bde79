"""Rotary position embeddings, plain and proportional.

Shapes: A heads, L tokens, H head dim.
"""

from __future__ import annotations

from typing import NamedTuple

import mlx.core as mx
import numpy as np


def rope_frequencies(head_dim: int, theta: float, rotated_fraction: float = 1.0) -> mx.array:
    """Radians per position of each pair of dims (i, i + H/2); float32 [H/2].

    "Proportional" RoPE keeps the spacing θ^(−2i/H) of a fully rotated head but lets only the first
    `rotated_fraction` of the pairs turn: of 512 dims at 0.25 it rotates 0–63 and 256–319.
    (transformers: modeling_rope_utils, "proportional".)
    """
    turning = int(rotated_fraction * head_dim // 2)
    frequencies = np.zeros(head_dim // 2, dtype=np.float32)
    frequencies[:turning] = theta ** (-2.0 * np.arange(turning) / head_dim)
    return mx.array(frequencies)


class Rotation(NamedTuple):
    """How heads turn at some positions, made once and shared by all layers of a type; float32 [L, H] each.

    Dim i is paired with i + H/2: a rotated head is x · cos + swap_halves(x) · sin, where `sin` is negative in the first
    half.
    """

    cos: mx.array
    sin: mx.array

    @classmethod
    def of(cls, positions_L: mx.array, frequencies: mx.array) -> Rotation:
        """The rotation of `positions_L` (integers) by `frequencies` [H/2]."""
        angles = positions_L.astype(mx.float32)[:, None] * frequencies
        cos, sin = mx.cos(angles), mx.sin(angles)
        return cls(mx.concatenate([cos, cos], axis=-1), mx.concatenate([-sin, sin], axis=-1))

    def __call__(self, x_ALH: mx.array) -> mx.array:
        """Rotate every head; the dtype stays."""
        return (x_ALH * self.cos + swap_halves(x_ALH) * self.sin).astype(x_ALH.dtype)


def swap_halves(x: mx.array) -> mx.array:
    """The second half of the last axis, then the first; of a single row by one gather, the quickest for so little."""
    half = x.shape[-1] // 2
    if x.shape[-2] > 1:
        return mx.concatenate([x[..., half:], x[..., :half]], axis=-1)
    order = np.roll(np.arange(2 * half, dtype=np.int32), half)
    return mx.take_along_axis(x, mx.array(np.broadcast_to(order, x.shape)), axis=-1)
