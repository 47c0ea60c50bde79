"""What a file is, what it costs, and how it looks."""

from __future__ import annotations

import itertools
from pathlib import Path

from mlx_gemma4.media.display import load_display
from mlx_gemma4.protocol.cost import DEFAULT_SOFT_TOKENS, fit_picture
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import MediaProbed
from mlx_gemma4.protocol.requests import ProbeMedia

THUMBNAIL_SIDE = 256
DISPLAY_SIDE = 4096
_LARGEST_PNG = 8_000_000  # pixels; screenshots stay exact, and large photos are written quickly


def probe_picture(request: ProbeMedia, folder: Path) -> MediaProbed:
    """Size and cost of a picture, with a thumbnail and a display file written into `folder`.

    Raises:
        MediaError: the file cannot be used as a picture.
        PrismError: the files cannot be written.
    """
    picture, (width, height) = load_display(request.path, DISPLAY_SIDE)
    cost = fit_picture(width, height, request.max_soft_tokens or DEFAULT_SOFT_TOKENS).soft_tokens
    try:
        display = _unused(folder, ".png" if picture.width * picture.height <= _LARGEST_PNG else ".jpg")
        picture.save(display, compress_level=1, quality=92, subsampling=0)  # each format takes what it knows
        thumbnail = _unused(folder, ".png")
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
        picture.save(thumbnail)
    except OSError as error:
        message = f"The preview of {request.path} cannot be written: {error}."
        raise PrismError(message, "Make room on the disk.", code="engine.disk") from error
    return MediaProbed("picture", width, height, cost, str(thumbnail), str(display))


def _unused(folder: Path, suffix: str) -> Path:
    """A new empty file of ours: several processes share the folder."""
    for number in itertools.count(1):
        file = folder / f"{number}{suffix}"
        try:
            file.touch(exist_ok=False)
        except FileExistsError:
            continue
        return file
    raise AssertionError
