"""Rotary position embeddings: plain, proportional and by two axes.

Shapes: B batch, A heads, L tokens, H head dim, P patches.
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
    """Sines and cosines of some positions: float32 [L, H/2], made once and shared by all layers of a type."""

    cos: mx.array
    sin: mx.array

    @classmethod
    def of(cls, positions_L: mx.array, frequencies: mx.array) -> Rotation:
        """The rotation of `positions_L` (integers) by `frequencies` [H/2]."""
        angles = positions_L.astype(mx.float32)[:, None] * frequencies
        return cls(mx.cos(angles), mx.sin(angles))

    def __call__(self, x_BALH: mx.array) -> mx.array:
        """Rotate each pair (i, i + H/2) of every head; the dtype stays."""
        low, high = mx.split(x_BALH, 2, axis=-1)
        turned = [low * self.cos - high * self.sin, high * self.cos + low * self.sin]
        return mx.concatenate(turned, axis=-1).astype(x_BALH.dtype)
