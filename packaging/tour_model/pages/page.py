"""What a page is made of, as data, and the HTML of it."""

import html
from dataclasses import dataclass

from tour_model.pages.theme import Theme


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 or 2."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Plain text."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list; numbered if `ordered`."""

    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Button:
    """A button; `colour` (name, shade) where it differs from the theme's accent."""

    text: str
    colour: tuple[str, str] | None = None


@dataclass(frozen=True)
class Field:
    """An input that shows its placeholder."""

    placeholder: str
    width: int


@dataclass(frozen=True)
class Link:
    """A link in the accent colour, not underlined."""

    text: str


@dataclass(frozen=True)
class Picture:
    """The place of a picture: a grey block of this size."""

    width: int
    height: int
    shade: str = "#ccc"


@dataclass(frozen=True)
class Icon:
    """A small filled sign, `size` pixels square."""

    shape: str  # circle, square or triangle
    size: int
    colour: tuple[str, str]


@dataclass(frozen=True)
class Card:
    """Parts one below the other in a box with a border."""

    parts: tuple["Part", ...]


@dataclass(frozen=True)
class Row:
    """Parts side by side: cards share the width, others take what they need; `spread` leaves the room between."""

    parts: tuple["Part", ...]
    spread: bool = False


Part = Heading | Paragraph | Bullets | Button | Field | Link | Picture | Icon | Card | Row


@dataclass(frozen=True)
class Page:
    """A whole page, `width` CSS pixels wide."""

    theme: Theme
    title: str
    width: int
    parts: tuple[Part, ...]


PARAGRAPH_GAP = 8  # between the parts of a card
CARD_PADDING = 16
BUTTON_PADDING = (8, 16)
FIELD_PADDING = (8, 12)
BULLET_INDENT = 24


def write_html(page: Page, *, exact_font: bool = False) -> str:
    """The page as one self-contained file.

    Args:
        page: what to write.
        exact_font: name the font itself, for rendering the truth; an answer names its generic family.
    """
    tags = _tags(page.parts)
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">']
    lines += [f"<title>{html.escape(page.title)}</title>", "<style>"]
    lines += [rule for tag, rule in _rules(page.theme, exact_font) if tag in tags]
    lines += ["</style>", "</head>", "<body>", *_parts(page.parts), "</body>", "</html>"]
    return "\n".join(lines)


def _rules(theme: Theme, exact_font: bool) -> list[tuple[str, str]]:
    """(what has to be on the page, rule) in the order in which they are written."""
    family = f"'{theme.font.family}',{theme.font.generic}" if exact_font else theme.font.generic
    align = "align-items:center;text-align:center;" if theme.centred else "align-items:flex-start;"
    corner = f"border-radius:{theme.radius}px" if theme.radius else "border-radius:0"
    (high, wide), (field_high, field_wide) = BUTTON_PADDING, FIELD_PADDING
    return [
        ("*", "*{margin:0;box-sizing:border-box}"),
        (
            "*",
            f"body{{display:flex;flex-direction:column;{align}gap:{theme.gap}px;padding:{theme.padding}px;"
            f"background:{theme.paper};color:{theme.body};font-family:{family};font-size:{theme.size}px;line-height:1.5}}",
        ),
        ("h1", f"h1{{font-size:{theme.title}px;color:{theme.ink};line-height:1.25}}"),
        ("h2", f"h2{{font-size:{theme.subtitle}px;color:{theme.ink};line-height:1.5}}"),
        ("ul", f"ul{{padding-left:{BULLET_INDENT}px;text-align:left}}"),
        ("ol", f"ol{{padding-left:{BULLET_INDENT}px;text-align:left}}"),
        ("a", f"a{{color:{theme.accent[1]};text-decoration:none}}"),
        (
            "button",
            f"button{{padding:{high}px {wide}px;border:none;{corner};background:{theme.accent[1]};"
            f"color:{ink_on(theme.accent[1])};font:inherit}}",
        ),
        (
            "input",
            f"input{{padding:{field_high}px {field_wide}px;border:1px solid {theme.line};{corner};font:inherit}}",
        ),
        ("img", f".img{{{corner}}}"),
        (
            "card",
            f".card{{display:flex;flex-direction:column;{align}gap:{PARAGRAPH_GAP}px;flex:1;"
            f"padding:{CARD_PADDING}px;border:1px solid {theme.line};{corner};background:{theme.card}}}",
        ),
        ("row", f".row{{display:flex;gap:{theme.gap}px;align-items:center}}"),
        ("cards", f".cards{{display:flex;gap:{theme.gap}px;width:100%}}"),
        ("bar", f".bar{{display:flex;gap:{theme.gap}px;align-items:center;justify-content:space-between;width:100%}}"),
    ]


def ink_on(background: str) -> str:
    """Black or white, whichever is easier to read on a "#rgb" colour."""
    red, green, blue = rgb(background)
    return "#000" if 0.3 * red + 0.59 * green + 0.11 * blue > 150 else "#fff"


def rgb(colour: str) -> tuple[int, int, int]:
    """The three numbers of "#rgb" or "#rrggbb"."""
    digits = colour.lstrip("#")
    pairs = [2 * digit for digit in digits] if len(digits) == 3 else [digits[i : i + 2] for i in (0, 2, 4)]
    return int(pairs[0], 16), int(pairs[1], 16), int(pairs[2], 16)


def _tags(parts: tuple[Part, ...]) -> set[str]:
    """Which rules a page needs."""
    found = {"*"}
    for part in parts:
        match part:
            case Heading(level=level):
                found.add(f"h{level}")
            case Bullets(ordered=ordered):
                found.add("ol" if ordered else "ul")
            case Button():
                found.add("button")
            case Field():
                found.add("input")
            case Link():
                found.add("a")
            case Picture():
                found.add("img")
            case Card(parts=inner):
                found |= {"card"} | _tags(inner)
            case Row(parts=inner, spread=spread):
                found |= {row_class(inner, spread)} | _tags(inner)
            case _:
                pass
    return found


def row_class(parts: tuple[Part, ...], spread: bool) -> str:
    """The class of a row."""
    if all(isinstance(part, Card) for part in parts):
        return "cards"
    return "bar" if spread else "row"


def _parts(parts: tuple[Part, ...]) -> list[str]:
    return [line for part in parts for line in _part(part)]


def _part(part: Part) -> list[str]:
    match part:
        case Heading(level, text):
            return [f"<h{level}>{html.escape(text)}</h{level}>"]
        case Paragraph(text):
            return [f"<p>{html.escape(text)}</p>"]
        case Bullets(items, ordered):
            tag = "ol" if ordered else "ul"
            return [f"<{tag}>", *(f"<li>{html.escape(item)}</li>" for item in items), f"</{tag}>"]
        case Button(text, colour):
            style = f' style="background:{colour[1]};color:{ink_on(colour[1])}"' if colour else ""
            return [f"<button{style}>{html.escape(text)}</button>"]
        case Field(placeholder, width):
            return [f'<input type="text" placeholder="{html.escape(placeholder)}" style="width:{width}px">']
        case Link(text):
            return [f'<a href="#">{html.escape(text)}</a>']
        case Picture(width, height, shade):
            return [f'<div class="img" style="width:{width}px;height:{height}px;background:{shade}"></div>']
        case Icon(shape, size, colour):
            return [f'<svg width="{size}" height="{size}" viewBox="0 0 24 24">{_sign(shape, colour[1])}</svg>']
        case Card(inner):
            return ['<div class="card">', *_parts(inner), "</div>"]
        case Row(inner, spread):
            return [f'<div class="{row_class(inner, spread)}">', *_parts(inner), "</div>"]


def _sign(shape: str, shade: str) -> str:
    if shape == "circle":
        return f'<circle cx="12" cy="12" r="12" fill="{shade}"/>'
    if shape == "square":
        return f'<rect width="24" height="24" fill="{shade}"/>'
    return f'<path d="M12 0L24 24H0z" fill="{shade}"/>'
