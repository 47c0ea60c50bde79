"""A page as a picture, drawn from its layout with Pillow; `browser.py` makes the same picture with a real browser."""

from PIL import Image, ImageDraw
from tour_model.pages.fonts import font, text_width
from tour_model.pages.layout import Block, place
from tour_model.pages.page import (
    BULLET_INDENT,
    Button,
    Card,
    Field,
    Heading,
    Icon,
    Link,
    Page,
    Picture,
    ink_on,
    rgb,
)
from tour_model.pages.theme import Theme

PLACEHOLDER = "#757575"
_SMOOTH = 4  # shapes are drawn this many times larger and averaged down


def draw(page: Page, scale: float = 1.0, height: int | None = None) -> tuple[Image.Image, list[Block]]:
    """The page in RGB at `scale` picture pixels a CSS pixel, and its blocks in CSS pixels.

    Args:
        page: what to draw.
        scale: text is drawn at the scaled size, as on a dense screen.
        height: of the view in CSS pixels, where it is higher than the page.

    Raises:
        TooNarrow: the page does not fit its width.
    """
    blocks, content = place(page)
    size = round(page.width * scale), round(max(content, height or 0) * scale)
    canvas = Image.new("RGB", size, rgb(page.theme.paper))
    for block in blocks:
        _paint(canvas, block, page.theme, scale)
    return canvas, blocks


def _paint(canvas: Image.Image, block: Block, theme: Theme, scale: float) -> None:
    match block.part:
        case Button(_, colour):
            shade = (colour or theme.accent)[1]
            _box(canvas, block, shade, None, theme.radius, scale)
            _lines(canvas, block, ink_on(shade), theme, scale)
        case Field():
            _box(canvas, block, "#fff", theme.line, theme.radius, scale)
            _lines(canvas, block, PLACEHOLDER, theme, scale)
        case Card():
            _box(canvas, block, theme.card, theme.line, theme.radius, scale)
        case Picture(_, _, shade):
            _box(canvas, block, shade, None, theme.radius, scale)
        case Icon():
            _icon(canvas, block, block.part, scale)
        case Heading():
            _lines(canvas, block, theme.ink, theme, scale)
        case Link():
            _lines(canvas, block, theme.accent[1], theme, scale)
        case _:
            _lines(canvas, block, theme.body, theme, scale)


def _edges(block: Block, scale: float) -> tuple[int, int, int, int]:
    x, y = round(block.x * scale), round(block.y * scale)
    return x, y, round((block.x + block.width) * scale), round((block.y + block.height) * scale)


def _box(canvas: Image.Image, block: Block, fill: str, line: str | None, radius: int, scale: float) -> None:
    left, top, right, bottom = _edges(block, scale)
    border = max(1, round(scale)) if line else 0
    reach = min(radius * scale, (right - left) / 2, (bottom - top) / 2)
    pen = ImageDraw.Draw(canvas)
    if reach < 1:
        pen.rectangle((left, top, right - 1, bottom - 1), rgb(line or fill))
        if border:
            pen.rectangle((left + border, top + border, right - 1 - border, bottom - 1 - border), rgb(fill))
        return
    for inset, colour in ((0, line or fill), (border, fill)) if border else ((0, fill),):
        shape = left + inset, top + inset, right - inset, bottom - inset
        canvas.paste(rgb(colour), shape, _rounded(shape[2] - shape[0], shape[3] - shape[1], max(reach - inset, 0)))


def _rounded(width: int, height: int, radius: float) -> Image.Image:
    mask = Image.new("L", (width * _SMOOTH, height * _SMOOTH), 0)
    pen = ImageDraw.Draw(mask)
    pen.rounded_rectangle((0, 0, width * _SMOOTH - 1, height * _SMOOTH - 1), radius * _SMOOTH, 255)
    return mask.reduce(_SMOOTH)


def _icon(canvas: Image.Image, block: Block, icon: Icon, scale: float) -> None:
    left, top, right, bottom = _edges(block, scale)
    wide, high = (right - left) * _SMOOTH, (bottom - top) * _SMOOTH
    mask = Image.new("L", (wide, high), 0)
    pen = ImageDraw.Draw(mask)
    if icon.shape == "circle":
        pen.ellipse((0, 0, wide - 1, high - 1), 255)
    elif icon.shape == "square":
        pen.rectangle((0, 0, wide, high), 255)
    else:
        pen.polygon(((wide / 2, 0), (wide, high), (0, high)), 255)
    canvas.paste(rgb(icon.colour[1]), (left, top, right, bottom), mask.reduce(_SMOOTH))


def _lines(canvas: Image.Image, block: Block, colour: str, theme: Theme, scale: float) -> None:
    """Text on its baseline: half of what the line is higher than the font lies above it, as CSS has it."""
    if not block.lines:
        return
    file = theme.font.bold if block.bold else theme.font.regular
    face = font(file, round(block.size * scale))
    ascent, descent = face.getmetrics()
    pen = ImageDraw.Draw(canvas)
    for line in block.lines:
        x = line.x
        if x < 0:  # the marker of a list item stands before its text
            x = BULLET_INDENT - text_width(file, block.size, line.text) - (0 if line.text != "•" else block.size * 0.5)
        top = (block.y + line.y) * scale + (block.line_height * scale - ascent - descent) / 2
        pen.text((round((block.x + x) * scale), round(top + ascent)), line.text, rgb(colour), face, anchor="ls")
