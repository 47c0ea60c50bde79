"""Pictures for the encoder-free model: squares of 48×48 pixels and their places to vectors, without attention.

Shapes: P patches, C numbers of a patch, R rows and K columns of squares, Q numbers of a square, S soft tokens (all
squares), D hidden.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from mlx_gemma4.model.patch_grid import in_squares
from mlx_gemma4.model.unified.config import UnifiedVisionConfig


class SquareEmbedder(nn.Module):
    """One picture to the vectors that the projector takes (transformers: Gemma4UnifiedVisionEmbedder).

    Parameters: `square_norm.*` [Q], `input_proj.weight` [D, Q], `input_proj.bias` [D], `input_norm.*` [D],
    `position_table` [positions, 2, D] (a row for x and a row for y each) and `position_norm.*` [D]; norms are layer
    norms with weight and bias.
    """

    def __init__(self, config: UnifiedVisionConfig) -> None:
        super().__init__()
        self.config = config
        hidden = config.hidden_size
        self.square_norm = nn.LayerNorm(config.square_values)
        self.input_proj = nn.Linear(config.square_values, hidden)
        self.input_norm = nn.LayerNorm(hidden)
        self.position_table = mx.zeros((config.positions, 2, hidden))
        self.position_norm = nn.LayerNorm(hidden)

    def __call__(self, patches_PC: mx.array, positions_P2: mx.array) -> mx.array:
        """Pixels in 0..1 [P, C], used as they are, and (x, y) [P, 2] → [S, D], in the dtype of the weights.

        Raises:
            MediaError: the patches do not fill a rectangle of whole squares.
        """
        squares_RKQ = join_patches(patches_PC, positions_P2, self.config.pooling)
        rows, columns, _ = squares_RKQ.shape
        pixels_RKQ = centred(squares_RKQ.astype(self.position_table.dtype))
        x_RKD = self.input_proj(self.square_norm(pixels_RKQ).astype(self.position_table.dtype))
        by_x_KD, by_y_RD = self.position_table[:columns, 0], self.position_table[:rows, 1]
        x_RKD = self.input_norm(x_RKD) + (by_x_KD + by_y_RD[:, None])
        return self.position_norm(x_RKD).reshape(rows * columns, -1)


def centred(x_RKQ: mx.array) -> mx.array:
    """Float32 minus its mean over the last axis, which a layer norm takes away anyway.

    Means of thousands of pixels, all above 0, are off in the seventh digit. That is a thousandth of what the norm makes
    of a faint square, and the same for all its numbers, which a linear adds up. The mean of what is left is exact.
    """
    x_RKQ = x_RKQ.astype(mx.float32)
    return x_RKQ - x_RKQ.mean(axis=-1, keepdims=True)


def join_patches(patches_PC: mx.array, positions_P2: mx.array, side: int) -> mx.array:
    """Squares of `side` × `side` patches, each as one picture flattened as row, column, channel: [R, K, Q].

    (transformers: patches_merge, in its order.)

    Raises:
        MediaError: the patches do not fill a rectangle of whole squares.
    """
    grid = in_squares(patches_PC, positions_P2, side)  # [R, side, K, side, C]
    rows, _, columns, _, values = grid.shape
    pixels = round((values / 3) ** 0.5)
    by_pixel = grid.reshape(rows, side, columns, side, pixels, pixels, 3).transpose(0, 2, 1, 4, 3, 5, 6)
    return by_pixel.reshape(rows, columns, side * side * values)
