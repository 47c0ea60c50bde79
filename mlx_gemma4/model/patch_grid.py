"""Patches, found by their positions, in the squares that become one soft token each.

Shapes: P patches, R rows and C columns of squares, k side of a square in patches, D width.
"""

from __future__ import annotations

import mlx.core as mx

from mlx_gemma4.protocol.errors import MediaError


def in_squares(x_PD: mx.array, positions_P2: mx.array, side: int) -> mx.array:
    """Patches in the order of their place in the picture: [R, k, C, k, D], in any order of the input.

    Args:
        x_PD: one row for each patch.
        positions_P2: (x, y) of each patch.
        side: patches along the side of a square, k.

    Raises:
        MediaError: the patches do not fill a rectangle whose sides are multiples of `side`.
    """
    patches, width = x_PD.shape
    columns, rows = (int(extent) + 1 for extent in mx.max(positions_P2, axis=0).tolist())  # pyright: ignore
    if columns * rows != patches or columns % side or rows % side:
        raise MediaError(
            f"A picture of {patches} patches in {columns} columns and {rows} rows has no whole squares of "
            f"{side} × {side}.",
            "Resize it to sides that are multiples of 48 pixels.",
            code="media.patches",
        )
    row_major = mx.argsort(positions_P2[:, 1] * columns + positions_P2[:, 0])
    return x_PD[row_major].reshape(rows // side, side, columns // side, side, width)
