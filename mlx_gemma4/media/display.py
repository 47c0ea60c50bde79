"""A picture file to pixels for people: upright, in sRGB, no larger than a screen needs."""

from __future__ import annotations

import io
import os

from PIL import Image, ImageCms

from mlx_gemma4.media.pictures import load_stored, to_rgb

_STRIP_PIXELS = 1_000_000  # converted in one go: the conversion lets no other thread run
_RESIZABLE = ("L", "LA", "RGB", "RGBA", "CMYK")


def load_display(path: str | os.PathLike[str], longest: int) -> tuple[Image.Image, tuple[int, int]]:
    """The picture as sRGB with sides of at most `longest` pixels, and the upright original's width and height.

    Raises:
        MediaError: as `load_picture`.
    """
    picture = load_stored(path)
    size = picture.size
    profile = picture.info.get("icc_profile")
    picture = _resizable(picture)
    picture.thumbnail((longest, longest), reducing_gap=2.0)
    return to_rgb(_to_srgb(picture, profile) if profile else picture), size


def _resizable(picture: Image.Image) -> Image.Image:
    """The picture in a mode whose pixels can be averaged; greys of 16 bits and the like have no use for a profile."""
    if picture.mode in _RESIZABLE:
        return picture
    if picture.mode in ("P", "PA"):
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return to_rgb(picture)


def _to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """The colours that the profile means; a profile that is broken or for other channels changes nothing."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), picture.mode, mode)
    except (ImageCms.PyCMSError, OSError):
        return picture
    converted = Image.new(mode, picture.size)
    rows = max(_STRIP_PIXELS // picture.width, 1)
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        converted.paste(transform.apply(strip), (0, top))
    return converted
