"""A picture file to upright 8-bit RGB pixels, or one sentence that says why not."""

from __future__ import annotations

import functools
import os
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from mlx_gemma4.media import jpeg2000
from mlx_gemma4.media.files import existing_file
from mlx_gemma4.protocol.cost import fit_picture
from mlx_gemma4.protocol.errors import MediaError

MAX_PIXELS = 50_000_000
"""Width times height above this is refused before decoding: a 48-megapixel phone photo still opens."""

# Pillow can open more, but some of those start other programs or are not pictures that people have.
FORMATS = ("PNG", "JPEG", "HEIF", "WEBP", "GIF", "BMP", "TIFF", "AVIF", jpeg2000.FORMAT, "PPM", "ICO")
_FORMATS_HINT = "Give a PNG, JPEG, HEIC, WebP, GIF, BMP, TIFF or AVIF file."

# What Pillow's decoders raise on damaged files.
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError)
_DAMAGE += (RuntimeError, struct.error, zlib.error)


def load_picture(path: str | os.PathLike[str]) -> Image.Image:
    """The picture as mode RGB, turned upright by its EXIF orientation; of an animation, the first frame.

    Transparent pixels are laid over white. (The reference drops the alpha channel, which shows whatever colour is
    hidden behind it: usually black, under black writing.) 16-bit greys keep their upper 8 bits. Colour profiles are
    not applied, as in the reference.

    Raises:
        MediaError: not a file, not a picture, damaged, larger than `MAX_PIXELS`, or a strip too thin to see.
    """
    picture = load_stored(path)
    with _damage_of(path):
        return to_rgb(picture)


def load_stored(path: str | os.PathLike[str]) -> Image.Image:
    """The picture turned upright, in the mode in which its file stores it, with its colour profile in `info`.

    Raises:
        MediaError: as `load_picture`.
    """
    with open_picture(path) as picture:
        if picture.format == jpeg2000.FORMAT:
            return jpeg2000.decode(path)
        picture.load()
        return ImageOps.exif_transpose(_as_meant(picture))


@contextmanager
def open_picture(path: str | os.PathLike[str]) -> Iterator[Image.Image]:
    """The file as Pillow opens it, its size checked and its pixels not yet read; trouble becomes a sentence.

    Raises:
        MediaError: as `load_picture`.
    """
    file = existing_file(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are judged here, and damage is either an error or harmless
        with _open(file) as picture:
            check_size(file, *picture.size)
            with _damage_of(file):
                yield picture


def _as_meant(picture: Image.Image) -> Image.Image:
    """Pillow takes the inks of all CMYK JPEGs for inverted, as Adobe writes them; without Adobe's mark they are not."""
    if picture.mode == "CMYK" and picture.format == "JPEG" and "adobe" not in picture.info:
        return ImageChops.invert(picture)
    return picture


@functools.cache
def _supported_formats() -> tuple[str, ...]:
    """Those of `FORMATS` that this build of Pillow can decode, with pillow-heif for the pictures of iPhones."""
    Image.init()
    pillow_heif.register_heif_opener()
    return tuple(kind for kind in FORMATS if kind in Image.OPEN)


def _open(file: Path) -> Image.Image:
    try:
        return Image.open(file, formats=_supported_formats())
    except Image.DecompressionBombError:
        raise _too_large(str(file), "far more than 50 megapixels") from None
    except UnidentifiedImageError:
        raise MediaError(
            f"{file} is not a picture, or too damaged to be read as one.", _FORMATS_HINT, code="media.not_a_picture"
        ) from None
    except _DAMAGE as error:
        raise MediaError(
            f"{file} is damaged: its header cannot be read.", "Save or download it again.", code="media.damaged"
        ) from error


@contextmanager
def _damage_of(file: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what decoders raise into a sentence."""
    try:
        yield
    except _DAMAGE as error:
        raise MediaError(
            f"{os.fspath(file)} is damaged or incomplete: its pixels cannot be decoded.",
            "Save or download it again.",
            code="media.damaged",
        ) from error


def check_size(file: str | os.PathLike[str], width: int, height: int) -> None:
    """Refuse what is too large to decode, and what nothing could be seen in.

    Raises:
        MediaError: more than `MAX_PIXELS`, or a strip too thin to see.
    """
    if width * height > MAX_PIXELS:
        raise _too_large(os.fspath(file), f"{width}×{height}, {width * height / 1e6:.0f} megapixels")
    try:
        fit_picture(width, height)
    except MediaError as error:
        raise MediaError(f"{os.fspath(file)}: {error.message}", error.hint, code=error.code) from None


def _too_large(name: str, size: str) -> MediaError:
    return MediaError(
        f"{name} is too large ({size}).",
        f"Scale it down to at most {MAX_PIXELS // 1_000_000} megapixels.",
        code="media.too_large",
    )


def to_rgb(picture: Image.Image) -> Image.Image:
    """The picture as mode RGB, as `load_picture` describes it; a colour profile is not applied.

    Raises:
        MediaError: it stores floating-point numbers.
    """
    if picture.mode.startswith("I"):
        return _grey_to_rgb(np.asarray(picture))
    if picture.mode == "F":
        raise MediaError(
            "The picture stores its pixels as floating-point numbers, which have no agreed brightness.",
            "Export it as PNG or JPEG.",
            code="media.not_a_picture",
        )
    if picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    return picture.convert("RGB")


def _grey_to_rgb(grey: np.ndarray) -> Image.Image:
    """16-bit greys (Pillow may hold them in 32 bits) to 8-bit RGB; its own conversion would cut off all above 255."""
    levels = np.clip(grey.astype(np.int64), 0, 65535)
    return Image.fromarray((levels >> 8).astype(np.uint8)).convert("RGB")
