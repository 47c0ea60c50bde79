"""An animated picture (GIF, WebP, PNG, AVIF) to some of its frames."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence

from PIL import Image

from mlx_gemma4.media.pictures import open_picture, to_rgb

_FORMATS = ("GIF", "WEBP", "PNG", "AVIF")
_UNTIMED_MS = 100  # what browsers do with a frame that does not say how long it stays


def frame_ends(path: str | os.PathLike[str]) -> list[float]:
    """When each frame gives way to the next, in seconds from the start; a picture that does not move has one frame.

    Raises:
        MediaError: the file is not a picture, or damaged.
    """
    with open_picture(path) as picture:
        frames = _frame_count(picture)
        return list(itertools.accumulate(_milliseconds(picture, index) / 1000 for index in range(frames)))


def read_animation(path: str | os.PathLike[str], indices: Sequence[int]) -> Iterator[Image.Image]:
    """The frames of these numbers, ascending, as mode RGB, transparency over white.

    Raises:
        MediaError: the file is not a picture, or damaged.
    """
    with open_picture(path) as picture:
        for index in indices:
            picture.seek(index)
            picture.load()
            yield to_rgb(picture)


def _frame_count(picture: Image.Image) -> int:
    return getattr(picture, "n_frames", 1) if picture.format in _FORMATS else 1


def _milliseconds(picture: Image.Image, index: int) -> float:
    picture.seek(index)
    picture.load()  # some formats know only then
    return picture.info.get("duration") or _UNTIMED_MS
