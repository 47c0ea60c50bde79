"""A decoded frame to a picture as it should be looked at: turned as the camera was held, with square pixels."""

from __future__ import annotations

import struct
from fractions import Fraction

from av.video.frame import VideoFrame
from PIL import Image

# (x right, x down, y right, y down) signs of where a file's display matrix takes the two axes → what Pillow calls it.
_TURNS = {
    (0, -1, 1, 0): Image.Transpose.ROTATE_90,
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (0, 1, -1, 0): Image.Transpose.ROTATE_270,
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
    (0, 1, 1, 0): Image.Transpose.TRANSPOSE,
    (0, -1, -1, 0): Image.Transpose.TRANSVERSE,
}


def upright_picture(frame: VideoFrame, pixel_shape: Fraction | None) -> Image.Image:
    """The frame as mode RGB. Transparency is dropped, and colours are converted as FFmpeg does by itself.

    Args:
        frame: of any pixel format.
        pixel_shape: width of a stored pixel over its height; None for square ones. Old television formats and some
            phones store pixels that are not square.
    """
    picture = frame.to_image()
    if pixel_shape and pixel_shape != 1:
        picture = picture.resize((max(round(picture.width * pixel_shape), 1), picture.height), Image.Resampling.BICUBIC)
    turn = _TURNS.get(_axes(frame))
    return picture if turn is None else picture.transpose(turn)


def _axes(frame: VideoFrame) -> tuple[int, int, int, int]:
    """Signs of a, b, c, d in the frame's display matrix, which is nine integers: a b u, c d v, x y w."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None or matrix.buffer_size < 36:
        return (1, 0, 0, 1)
    a, b, _, c, d = struct.unpack_from("=5i", bytes(matrix))
    return (_sign(a), _sign(b), _sign(c), _sign(d))


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
