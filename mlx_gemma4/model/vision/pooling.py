"""Average squares of patches into soft tokens.

Shapes: P patches, S soft tokens, k side of a square, D hidden.
"""

from __future__ import annotations

import mlx.core as mx

from mlx_gemma4.model.patch_grid import in_squares


def pool_by_position(x_PD: mx.array, positions_P2: mx.array, side: int) -> mx.array:
    """√D times the mean of each `side` × `side` square of patches, row by row: float32 [P / side², D].

    Patches are found by their (x, y) position, in any order. Computed in float32, because √D times the activations of
    the published towers passes the range of float16. (transformers: Gemma4VisionPooler.)

    Raises:
        MediaError: the patches do not fill a rectangle whose sides are multiples of `side`.
    """
    width = x_PD.shape[1]
    squares = in_squares(x_PD, positions_P2, side).astype(mx.float32)
    return (squares.mean(axis=(1, 3)) * width**0.5).reshape(-1, width)
