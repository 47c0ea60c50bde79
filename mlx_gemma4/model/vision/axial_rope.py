"""Rotary embeddings by two axes: the first half of a head turns with x, the second with y.

Shapes: P patches, N heads, H head dim.
"""

from __future__ import annotations

from dataclasses import dataclass

import mlx.core as mx

from mlx_gemma4.model.layers.rope import Rotation, rope_frequencies


@dataclass(frozen=True)
class AxialRotation:
    """The rotations of some patches, made once per picture and shared by all layers."""

    by_x: Rotation
    by_y: Rotation

    @classmethod
    def of(cls, positions_P2: mx.array, head_dim: int, theta: float) -> AxialRotation:
        """The rotation of patches at (x, y), integers [P, 2] (transformers: Gemma4VisionRotaryEmbedding)."""
        frequencies = rope_frequencies(head_dim // 2, theta)
        return cls(Rotation.of(positions_P2[:, 0], frequencies), Rotation.of(positions_P2[:, 1], frequencies))

    def __call__(self, x_NPH: mx.array) -> mx.array:
        """Rotate both halves of every head."""
        for_x, for_y = mx.split(x_NPH, 2, axis=-1)
        return mx.concatenate([self.by_x(for_x), self.by_y(for_y)], axis=-1)
