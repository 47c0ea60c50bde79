"""Where everything on a page is, as a browser would place it; true to a pixel or two, without one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tour_model.pages.fonts import text_width
from tour_model.pages.page import (
    BULLET_INDENT,
    BUTTON_PADDING,
    CARD_PADDING,
    FIELD_PADDING,
    PARAGRAPH_GAP,
    Bullets,
    Button,
    Card,
    Field,
    Heading,
    Icon,
    Link,
    Page,
    Paragraph,
    Part,
    Picture,
    Row,
    row_class,
)
from tour_model.pages.theme import Theme


@dataclass(frozen=True)
class Line:
    """One line of text: its left end and top, relative to its block."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Block:
    """A part in its place, in CSS pixels from the page's corner; `lines` are of height `line_height`."""

    part: Part
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...] = ()
    size: int = 0
    line_height: int = 0
    bold: bool = False

    @property
    def kind(self) -> str:
        """What people call it."""
        return NAMES[type(self.part)]

    def moved(self, x: float, y: float) -> "Block":
        """The block somewhere else."""
        return replace(self, x=self.x + x, y=self.y + y)


NAMES = {
    Heading: "heading", Paragraph: "paragraph", Bullets: "list", Button: "button", Field: "input", Link: "link",
    Picture: "picture", Icon: "icon", Card: "card", Row: "row",
}  # fmt: skip


class TooNarrow(Exception):
    """Something does not fit beside its neighbours."""


def place(page: Page) -> tuple[list[Block], int]:
    """All blocks of a page, containers before what is in them, and the page's height.

    Raises:
        TooNarrow: a row does not fit; a browser would squeeze or overflow it.
    """
    theme = page.theme
    inner = page.width - 2 * theme.padding
    blocks, _, height = _column(page.parts, inner, theme, theme.gap, stretch=inner)
    moved = [block.moved(theme.padding, theme.padding) for block in blocks]
    return moved, round(height + 2 * theme.padding)


def _column(
    parts: Sequence[Part], available: float, theme: Theme, gap: int, stretch: float | None = None
) -> tuple[list[Block], float, float]:
    """Parts one below the other: blocks, width and height. `stretch` is the column's width where it is given."""
    placed = [_part(part, available, theme) for part in parts]
    width = stretch if stretch is not None else max(part[0].width for part in placed)
    blocks: list[Block] = []
    y = 0.0
    for part in placed:
        x = (width - part[0].width) / 2 if theme.centred else 0.0
        blocks += [block.moved(x, y) for block in part]
        y += part[0].height + gap
    return blocks, width, y - gap


def _part(part: Part, available: float, theme: Theme, width: float | None = None) -> list[Block]:
    """One part at the origin, what is in it after it; `width` fixes the width of a card."""
    plain = round(1.5 * theme.size)
    match part:
        case Heading(level, text):
            size = theme.title if level == 1 else theme.subtitle
            return [_text(part, text, available, theme, size, round(size * (1.25 if level == 1 else 1.5)), bold=True)]
        case Paragraph(text) | Link(text):
            return [_text(part, text, available, theme, theme.size, plain)]
        case Bullets(items):
            return [_bullets(part, items, available, theme, plain)]
        case Button(text):
            (high, wide) = BUTTON_PADDING
            line = Line(text, wide, high)
            breadth = text_width(theme.font.regular, theme.size, text) + 2 * wide
            return [Block(part, 0, 0, breadth, plain + 2 * high, (line,), theme.size, plain)]
        case Field(text, breadth):
            (high, wide) = FIELD_PADDING
            return [
                Block(part, 0, 0, breadth, plain + 2 * high + 2, (Line(text, wide + 1, high + 1),), theme.size, plain)
            ]
        case Picture(breadth, height):
            return [Block(part, 0, 0, breadth, height)]
        case Icon(_, size):
            return [Block(part, 0, 0, size, size)]
        case Card(parts):
            return _card(part, parts, available, theme, width)
        case Row(parts, spread):
            return _row(part, parts, spread, available, theme)


def _text(part: Part, text: str, available: float, theme: Theme, size: int, high: int, bold: bool = False) -> Block:
    file = theme.font.bold if bold else theme.font.regular
    texts = wrap(text, available, file, size)
    widths = [text_width(file, size, line) for line in texts]
    width = max(widths) if len(texts) == 1 else available
    lines = tuple(
        Line(line, (width - wide) / 2 if theme.centred else 0.0, high * index)
        for index, (line, wide) in enumerate(zip(texts, widths, strict=True))
    )
    return Block(part, 0, 0, width, high * len(texts), lines, size, high, bold)


def wrap(text: str, available: float, file: str, size: int) -> list[str]:
    """The text in lines, as many words on each as fit."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(file, size, longer) <= available:
            lines[-1] = longer
        else:
            if text_width(file, size, word) > available:
                raise TooNarrow(word)
            lines.append(word)
    return lines


def _bullets(part: Part, items: Sequence[str], available: float, theme: Theme, high: int) -> Block:
    lines: list[Line] = []
    width = 0.0
    wrapped = False
    for number, item in enumerate(items, 1):
        for index, text in enumerate(wrap(item, available - BULLET_INDENT, theme.font.regular, theme.size)):
            wrapped |= index > 0
            width = max(width, text_width(theme.font.regular, theme.size, text))
            if index == 0:
                marker = f"{number}. " if isinstance(part, Bullets) and part.ordered else "•"
                lines.append(Line(marker, -1, high * len([line for line in lines if line.x >= 0])))
            lines.append(Line(text, BULLET_INDENT, high * len([line for line in lines if line.x >= 0])))
    height = high * len([line for line in lines if line.x >= 0])
    return Block(part, 0, 0, available if wrapped else width + BULLET_INDENT, height, tuple(lines), theme.size, high)


def _card(part: Part, parts: Sequence[Part], available: float, theme: Theme, width: float | None) -> list[Block]:
    around = 2 * (CARD_PADDING + 1)
    inner = (available if width is None else width) - around
    blocks, breadth, height = _column(parts, inner, theme, PARAGRAPH_GAP, None if width is None else inner)
    if breadth > inner + 0.01:
        raise TooNarrow("card")
    outer = Block(part, 0, 0, breadth + around, height + around)
    return [outer, *(block.moved(CARD_PADDING + 1, CARD_PADDING + 1) for block in blocks)]


def _row(part: Part, parts: Sequence[Part], spread: bool, available: float, theme: Theme) -> list[Block]:
    kind = row_class(tuple(parts), spread)
    if kind == "cards":
        share = (available - theme.gap * (len(parts) - 1)) / len(parts)
        placed = [_part(card, share, theme, width=share) for card in parts]
    else:
        placed = [_part(inner, available, theme) for inner in parts]
    height = max(group[0].height for group in placed)
    natural = sum(group[0].width for group in placed) + theme.gap * (len(parts) - 1)
    if natural > available + 0.01:
        raise TooNarrow("row")
    between = theme.gap + ((available - natural) / max(len(parts) - 1, 1) if kind == "bar" else 0)
    blocks = [Block(part, 0, 0, natural if kind == "row" else available, height)]
    x = 0.0
    for group in placed:
        if kind == "cards":
            group = [replace(group[0], height=height), *group[1:]]
        y = (height - group[0].height) / 2
        blocks += [block.moved(x, y) for block in group]
        x += group[0].width + between
    return blocks
