"""The fonts that pages are measured and drawn with, found wherever the system keeps them."""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

_MEASURED_AT = 1000
FOLDERS = (Path("/usr/share/fonts"), Path("/Library/Fonts"), Path("fonts"))


@lru_cache(maxsize=256)
def font(file: str, size: int) -> ImageFont.FreeTypeFont:
    """A font file at a size in pixels; OSError if no folder has it."""
    return ImageFont.truetype(str(_find(file)), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=100_000)
def text_width(file: str, size: int, text: str) -> float:
    """How wide a line of text is, as browsers measure it: unhinted, so measured large and scaled down."""
    return font(file, _MEASURED_AT).getlength(text) * size / _MEASURED_AT


@lru_cache(maxsize=64)
def _find(file: str) -> Path:
    for folder in FOLDERS:
        if found := next(folder.rglob(file), None):
            return found
    raise OSError(f"The font {file} is not installed; the README of the recipe names its package.")
