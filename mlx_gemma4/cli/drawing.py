"""Boxes on a picture, at its original size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from mlx_gemma4.protocol.box_colours import COLOURS, HALO
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.events import Box, BoxFound

DARK_COLOURS = ("#009E73", "#0072B2", "#D55E00")
_LINE = 2
_HALO = 1
_GRID = 1000
_LONGEST_LABEL = 40


def pixel_box(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) in pixels of a picture, from the grid of 0–1000."""
    y1, x1, y2, x2 = box
    left, right = (round(x * width / _GRID) for x in (x1, x2))
    top, bottom = (round(y * height / _GRID) for y in (y1, y2))
    return left, top, right, bottom


def draw_boxes(picture: Image.Image, found: Sequence[BoxFound]) -> Image.Image:
    """A copy of the picture with every box and its label; boxes of one label share a colour."""
    drawn = picture.convert("RGB")
    pen = ImageDraw.Draw(drawn)
    font = ImageFont.load_default(size=max(12, min(32, min(drawn.size) // 30)))
    colours: dict[str, str] = {}
    for event in found:
        colour = colours.setdefault(event.label, COLOURS[len(colours) % len(COLOURS)])
        _draw_outline(pen, pixel_box(event.box, *drawn.size), colour)
    for event in found:  # after all lines, so that none crosses a label
        if event.label.strip():
            _draw_label(pen, pixel_box(event.box, *drawn.size), event.label, colours[event.label], font)
    return drawn


def check_output(path: Path) -> None:
    """Raise MediaError, before any work is done, unless a picture can be written there."""
    Image.init()
    if Image.registered_extensions().get(path.suffix.lower()) not in Image.SAVE:
        raise MediaError(f"{path} has no ending of a picture file.", "End it with .png or .jpg.", code="media.output")
    if not path.absolute().parent.is_dir():
        raise MediaError(f"The folder of {path} does not exist.", "Make it first.", code="media.output")
    if path.is_dir():
        raise MediaError(f"{path} is a folder.", "Give the name of a file.", code="media.output")


def save(picture: Image.Image, path: Path) -> None:
    """Write the picture in the format of its ending; MediaError if that fails."""
    try:
        picture.save(path)
    except OSError as error:
        raise MediaError(f"{path} cannot be written: {error}.", code="media.output") from error


def _draw_outline(pen: ImageDraw.ImageDraw, edges: tuple[int, int, int, int], colour: str) -> None:
    """The line lies on the box's edges, with the halo on both of its sides."""
    left, top, right, bottom = edges
    for reach, width, ink in ((_HALO + _LINE // 2, _LINE + 2 * _HALO, HALO), (_LINE // 2, _LINE, colour)):
        pen.rectangle((left - reach, top - reach, right + reach, bottom + reach), outline=ink, width=width)


def _draw_label(
    pen: ImageDraw.ImageDraw,
    edges: tuple[int, int, int, int],
    label: str,
    colour: str,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    """A tag on the box's upper left corner, moved to where it stays inside the picture."""
    text = " ".join(label.split())
    text = text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
    _, _, right, bottom = pen.textbbox((0, 0), text, font=font)
    width, height = round(right) + 8, round(bottom) + 4
    picture_width, picture_height = pen.im.size
    x = max(0, min(edges[0] - _LINE, picture_width - width))
    y = edges[1] - height if edges[1] >= height else min(edges[1] + _LINE, picture_height - height)
    pen.rectangle((x, y, x + width, y + height), fill=colour, outline=HALO, width=_HALO)
    pen.text((x + 4, y + 1), text, fill="white" if colour in DARK_COLOURS else "black", font=font)
