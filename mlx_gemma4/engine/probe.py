"""What a file is, what it costs, and how it looks."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image

from mlx_gemma4.engine.temporary_folder import unused_file
from mlx_gemma4.media.clips import open_clip
from mlx_gemma4.media.display import load_display
from mlx_gemma4.media.documents import Document, open_document
from mlx_gemma4.media.kinds import kind_of
from mlx_gemma4.media.sound import open_sound
from mlx_gemma4.protocol.cost import (
    MAX_SOUND_SECONDS,
    SAMPLE_RATE,
    MediaBudgets,
    clip_soft_tokens,
    fit_picture,
    page_pixels,
    sample_frames,
    sound_tokens,
)
from mlx_gemma4.protocol.errors import MediaError, PrismError
from mlx_gemma4.protocol.events import MediaProbed
from mlx_gemma4.protocol.requests import ProbeMedia

THUMBNAIL_SIDE = 256
DISPLAY_SIDE = 4096
_LARGEST_PNG = 8_000_000  # pixels; screenshots stay exact, and large photos are written quickly


def probe_media(request: ProbeMedia, folder: Path) -> MediaProbed:
    """Kind, size and cost of a file; where there is something to see, a thumbnail and a display file in `folder`.

    Raises:
        MediaError: the file cannot be used.
        PrismError: the files cannot be written.
    """
    budget = request.max_soft_tokens or request.budgets.picture
    match kind_of(request.path):
        case "picture":
            picture, (width, height) = load_display(request.path, DISPLAY_SIDE)
            cost = fit_picture(width, height, budget).soft_tokens
            return MediaProbed("picture", width, height, cost, *write_pictures(picture, request.path, folder))
        case "document":
            return _probe_document(request.path, budget, folder)
        case "clip":
            return _probe_clip(request.path, request.budgets, folder)
        case "sound":
            seconds = _sound_seconds(request.path)
            return MediaProbed("sound", 0, 0, _sound_cost(seconds, request.budgets), "", "", seconds)


def _probe_document(path: str, budget: int, folder: Path) -> MediaProbed:
    with open_document(path) as document:
        sizes = [document.size(number) for number in document.numbers(None)]
        costs = [fit_picture(math.ceil(width), math.ceil(height), budget).soft_tokens for width, height in sizes]
        width, height = (math.ceil(side) for side in sizes[0])
        files = write_pictures(page_picture(document, 1), path, folder)
    return MediaProbed("document", width, height, sum(costs), *files, pages=len(costs))


def _probe_clip(path: str, budgets: MediaBudgets, folder: Path) -> MediaProbed:
    clip = open_clip(path)
    picture = next(clip.frames([0])).picture
    cost = clip_soft_tokens(clip.frame_count, *picture.size, budgets)
    if clip.has_sound:
        cost += _sound_cost(min(clip.seconds, MAX_SOUND_SECONDS), budgets)
    size = picture.size
    picture.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE), reducing_gap=2.0)
    moments = tuple(clip.moments(sample_frames(clip.frame_count, budgets.frames)))
    files = write_pictures(picture, path, folder)
    return MediaProbed("clip", *size, cost, *files, clip.seconds, moments=moments, has_sound=clip.has_sound)


def page_picture(document: Document, number: int) -> Image.Image:
    """A page at the size at which pages are shown."""
    size = page_pixels(*document.size(number))
    picture = document.picture(number, *size)
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def _sound_seconds(path: str) -> float:
    """How long a sound is; where its header does not say, by reading it."""
    sound = open_sound(path)
    seconds = sound.seconds or sum(len(block) for block in sound.blocks()) / SAMPLE_RATE
    if not seconds:
        raise MediaError(f"{path} has no sound in it.", code="media.empty")
    return seconds


def _sound_cost(seconds: float, budgets: MediaBudgets) -> int:
    return sound_tokens(round(seconds * SAMPLE_RATE), budgets.sound) if budgets.sound else 0


def write_pictures(picture: Image.Image, path: str, folder: Path) -> tuple[str, str]:
    """Files that show it, small and large.

    Raises:
        PrismError: they cannot be written.
    """
    try:
        display = unused_file(folder, ".png" if picture.width * picture.height <= _LARGEST_PNG else ".jpg")
        picture.save(display, compress_level=1, quality=92, subsampling=0)  # each format takes what it knows
        thumbnail = unused_file(folder, ".png")
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
        picture.save(thumbnail)
    except OSError as error:
        message = f"The preview of {path} cannot be written: {error}."
        raise PrismError(message, "Make room on the disk.", code="engine.disk") from error
    return str(thumbnail), str(display)
