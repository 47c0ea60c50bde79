"""Pictures, pages and frames, whole or in part, as files to look at, to ask about, or to keep."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from mlx_gemma4.engine.probe import page_picture, write_pictures
from mlx_gemma4.media.clips import open_clip
from mlx_gemma4.media.display import load_display
from mlx_gemma4.media.documents import open_document
from mlx_gemma4.media.kinds import kind_of
from mlx_gemma4.protocol.cost import PAGE_SIDE
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.events import MediaShown
from mlx_gemma4.protocol.requests import ShowMedia

_GRID = 1000
_ANY_SIDE = 1 << 20  # more than any picture has
_MOST_ENLARGED = 4  # a part of a page is rendered anew, so many times as large as on the whole page at most
_Box = tuple[float, float, float, float]


def show_media(request: ShowMedia, folder: Path) -> MediaShown:
    """What was asked for, as a thumbnail and a display file in `folder`.

    Raises:
        MediaError: the file cannot be used, or has no such page.
        PrismError: the files cannot be written.
    """
    picture, size = _READERS[kind_of(request.path)](request)
    if request.longest is not None:
        picture.thumbnail((request.longest, request.longest), reducing_gap=2.0)
    return MediaShown(*size, *write_pictures(picture, request.path, folder))


def pixel_part(box: _Box, width: int, height: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of a part of the grid of 0–1000, in whole pixels and at least one of them."""
    top, left, bottom, right = box
    x, y = min(round(left * width / _GRID), width - 1), min(round(top * height / _GRID), height - 1)
    return x, y, max(round(right * width / _GRID), x + 1), max(round(bottom * height / _GRID), y + 1)


def _picture(request: ShowMedia) -> tuple[Image.Image, tuple[int, int]]:
    if request.box is None:
        return load_display(request.path, request.longest or _ANY_SIDE)
    return _cut(load_display(request.path, _ANY_SIDE)[0], request.box)


def _frame(request: ShowMedia) -> tuple[Image.Image, tuple[int, int]]:
    clip = open_clip(request.path)
    picture = next(clip.frames([clip.index_at(request.seconds)])).picture
    return (picture, picture.size) if request.box is None else _cut(picture, request.box)


def _page(request: ShowMedia) -> tuple[Image.Image, tuple[int, int]]:
    with open_document(request.path) as document:
        (number,) = document.numbers((request.page, request.page))
        width, height = document.size(number)
        if request.box is None:
            return page_picture(document, number), (math.ceil(width), math.ceil(height))
        top, left, bottom, right = request.box
        share = max(right - left, bottom - top) / _GRID
        scale = min(1 / share, _MOST_ENLARGED) * PAGE_SIDE / max(width, height)
        return _cut(document.picture(number, round(width * scale), round(height * scale)), request.box)


def _sound(request: ShowMedia) -> tuple[Image.Image, tuple[int, int]]:
    raise MediaError(f"{request.path} is a sound: there is nothing to see.", code="media.unsupported")


_READERS: dict[str, Callable[[ShowMedia], tuple[Image.Image, tuple[int, int]]]] = {
    "picture": _picture,
    "clip": _frame,
    "document": _page,
    "sound": _sound,
}


def _cut(picture: Image.Image, box: _Box) -> tuple[Image.Image, tuple[int, int]]:
    part = picture.crop(pixel_part(box, *picture.size))
    return part, part.size
