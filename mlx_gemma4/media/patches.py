"""Pixels to the patches that the vision tower reads, equal to transformers' Gemma 4 image processor.

Letters: P patches, row by row from the top left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from mlx_gemma4.protocol.cost import DEFAULT_SOFT_TOKENS, PATCH_SIDE, fit_picture

# Division in float64, then rounding to float32, is what the reference does.
_BYTE_TO_UNIT: npt.NDArray[np.float32] = (np.arange(256) * (1 / 255)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class PicturePatches:
    """A picture as the vision tower takes it.

    Attributes:
        patches: float32 [P, 768] in 0..1; each is 16 rows × 16 columns × RGB.
        positions: int32 [P, 2], column (x) and row (y) of each patch.
        soft_tokens: tokens that it becomes, P / 9.
        width: of the resized picture, in pixels.
        height: of the resized picture, in pixels.
    """

    patches: npt.NDArray[np.float32]
    positions: npt.NDArray[np.int32]
    soft_tokens: int
    width: int
    height: int


def patchify(picture: Image.Image, max_soft_tokens: int = DEFAULT_SOFT_TOKENS) -> PicturePatches:
    """Resize an RGB picture to its budget (bicubic, antialiased) and cut it into patches.

    Raises:
        RequestError: the budget is not one the model knows.
        MediaError: the picture is a strip too thin to see.
    """
    size = fit_picture(*picture.size, max_soft_tokens)
    if picture.size != (size.width, size.height):
        picture = picture.resize((size.width, size.height), Image.Resampling.BICUBIC)
    rows, columns = size.height // PATCH_SIDE, size.width // PATCH_SIDE
    cells = np.asarray(picture).reshape(rows, PATCH_SIDE, columns, PATCH_SIDE, 3).transpose(0, 2, 1, 3, 4)
    y, x = np.divmod(np.arange(rows * columns, dtype=np.int32), np.int32(columns))
    return PicturePatches(
        patches=_BYTE_TO_UNIT[cells.reshape(rows * columns, -1)],
        positions=np.stack([x, y], axis=-1),
        soft_tokens=size.soft_tokens,
        width=size.width,
        height=size.height,
    )
