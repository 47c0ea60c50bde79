"""Average squares of patches into soft tokens.

Shapes: P patches, S soft tokens, k side of a square, D hidden.
"""

from __future__ import annotations

import mlx.core as mx

from mlx_gemma4.protocol.errors import MediaError


def pool_by_position(x_PD: mx.array, positions_P2: mx.array, side: int) -> mx.array:
    """√D times the mean of each `side` × `side` square of patches, row by row: float32 [P / side², D].

    Patches are found by their (x, y) position, in any order. Computed in float32, because √D times the activations of
    the published towers passes the range of float16. (transformers: Gemma4VisionPooler.)

    Raises:
        MediaError: the patches do not fill a rectangle whose sides are multiples of `side`.
    """
    patches, width = x_PD.shape
    columns, rows = (int(extent) + 1 for extent in mx.max(positions_P2, axis=0).tolist())  # pyright: ignore
    if columns * rows != patches or columns % side or rows % side:
        raise MediaError(
            f"A picture of {patches} patches in {columns} columns and {rows} rows cannot be pooled by {side} × {side}.",
            "Resize it to sides that are multiples of 48 pixels.",
            code="media.patches",
        )
    row_major = mx.argsort(positions_P2[:, 1] * columns + positions_P2[:, 0])
    grid = x_PD[row_major].astype(mx.float32).reshape(rows // side, side, columns // side, side, width)
    return (grid.mean(axis=(1, 3)) * width**0.5).reshape(-1, width)
