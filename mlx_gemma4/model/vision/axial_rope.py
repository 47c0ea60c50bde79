"""Rotary embeddings by two axes: the first half of a head turns with x, the second with y.

Shapes: P patches, N heads, H head dim, h a quarter of it: half of what turns with an axis, paired with the other half.
"""

from __future__ import annotations

from typing import NamedTuple

import mlx.core as mx

from mlx_gemma4.model.layers.rope import rope_frequencies


class AxialRotation(NamedTuple):
    """The rotations of some patches, made once per picture and shared by all layers; float32 [P, 2, 2, h] each.

    The axes of four, x and y and two halves of each, say what a dim of the result takes from its pair's first dim and
    from its second. So both halves can be read where they are, and nothing has to be put together again.
    """

    from_first: mx.array
    from_second: mx.array

    @classmethod
    def of(cls, positions_P2: mx.array, head_dim: int, theta: float) -> AxialRotation:
        """The rotation of patches at (x, y), integers [P, 2] (transformers: Gemma4VisionRotaryEmbedding)."""
        frequencies = mx.array(rope_frequencies(head_dim // 2, theta))
        angles_P2h = positions_P2[:, :, None].astype(mx.float32) * frequencies
        cos, sin = mx.cos(angles_P2h), mx.sin(angles_P2h)
        return cls(*(mx.stack(halves, axis=2) for halves in ([cos, sin], [-sin, cos])))

    def __call__(self, x_NPH: mx.array, weight_H: mx.array) -> mx.array:
        """Weigh and rotate heads [..., N, P, H] by weights that broadcast to them; the dtype stays."""
        (first, second), (first_weight, second_weight) = _halves(x_NPH), _halves(weight_H)
        turned = first * (first_weight * self.from_first) + second * (second_weight * self.from_second)
        return turned.astype(x_NPH.dtype).reshape(x_NPH.shape)


def _halves(x_H: mx.array) -> list[mx.array]:
    """The first and the second dims of all pairs, as views: [..., 2, 1, h] each."""
    return list(mx.split(x_H.reshape(*x_H.shape[:-1], 2, 2, x_H.shape[-1] // 4), 2, axis=-2))
