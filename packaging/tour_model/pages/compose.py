"""Pages at random: the grammar of what stands on them and in which order."""

from collections.abc import Sequence

import numpy as np
from tour_model.pages.layout import TooNarrow, place
from tour_model.pages.page import Bullets, Button, Card, Field, Heading, Icon, Link, Page, Paragraph, Part, Picture, Row
from tour_model.pages.theme import Theme, random_shade, random_theme
from tour_model.pages.wording import BUTTONS, FIELDS, HEADINGS, LINKS, name, phrase, sentence

WIDTHS = (320, 360, 400, 440, 480, 560, 640)
HIGHEST = 1.6  # page height over width; longer pages are drawn anew
MOST_PARTS = 7
GREYS = ("#ccc", "#bbb", "#ddd", "#aaa")


def random_page(rng: np.random.Generator, theme: Theme | None = None) -> Page:
    """A page that fits its width and is not too long to be read in one picture."""
    while True:
        page = _page(rng, theme or random_theme(rng))
        try:
            _, height = place(page)
        except TooNarrow:
            continue
        if height <= HIGHEST * page.width:
            return page


def _page(rng: np.random.Generator, theme: Theme) -> Page:
    width = int(rng.choice(WIDTHS))
    parts: list[Part] = []
    if rng.random() < 0.25:
        parts.append(_bar(rng))
    if rng.random() < 0.85:
        parts.append(Heading(1, phrase(rng, HEADINGS, 3)))
    makers = (_paragraph, _heading, _bullets, _buttons, _form, _picture, _cards, _links, _card, _icons)
    odds = np.array((0.24, 0.08, 0.1, 0.14, 0.1, 0.07, 0.1, 0.05, 0.07, 0.05))
    for _ in range(int(rng.integers(1, MOST_PARTS))):
        parts += makers[rng.choice(len(makers), p=odds)](rng, width - 2 * theme.padding)
    return Page(theme, _first_heading(parts) or "Page", width, tuple(parts))


def _first_heading(parts: Sequence[Part]) -> str:
    """The words of the first heading, which the title repeats: a title is not in the picture."""
    for part in parts:
        if isinstance(part, Heading):
            return part.text
        if isinstance(part, Card | Row) and (found := _first_heading(part.parts)):
            return found
    return ""


def _bar(rng: np.random.Generator) -> Row:
    brand = Heading(2, name(rng) if rng.random() < 0.5 else phrase(rng, HEADINGS, 1))
    links = Row(tuple(Link(phrase(rng, LINKS, 1)) for _ in range(int(rng.integers(1, 4)))))
    end: Part = links if rng.random() < 0.7 else Button(phrase(rng, BUTTONS, 1))
    return Row((brand, end), spread=True)


def _heading(rng: np.random.Generator, _: int) -> list[Part]:
    return [Heading(2, phrase(rng, HEADINGS, 3))]


def _paragraph(rng: np.random.Generator, _: int) -> list[Part]:
    return [Paragraph(sentence(rng, 14))]


def _bullets(rng: np.random.Generator, _: int) -> list[Part]:
    items = tuple(phrase(rng, HEADINGS, 4) for _ in range(int(rng.integers(2, 5))))
    return [Bullets(items, bool(rng.random() < 0.4))]


def _button(rng: np.random.Generator) -> Button:
    return Button(phrase(rng, BUTTONS, 2), random_shade(rng) if rng.random() < 0.35 else None)


def _buttons(rng: np.random.Generator, _: int) -> list[Part]:
    if rng.random() < 0.5:
        return [_button(rng)]
    return [Row(tuple(_button(rng) for _ in range(int(rng.integers(2, 4)))))]


def _field(rng: np.random.Generator, available: int) -> Field:
    return Field(phrase(rng, FIELDS, 2), min(available, int(rng.choice((160, 200, 240, 280, 320)))))


def _form(rng: np.random.Generator, available: int) -> list[Part]:
    if rng.random() < 0.25:
        return [Row((_field(rng, available - 140), _button(rng)))]
    fields = [_field(rng, available)]
    fields += [Field(phrase(rng, FIELDS, 2), fields[0].width) for _ in range(int(rng.integers(0, 3)))]
    return [*fields, _button(rng)] if rng.random() < 0.8 else list(fields)


def _picture(rng: np.random.Generator, available: int) -> list[Part]:
    wide = min(available, int(rng.choice((120, 160, 200, 240, 320))))
    return [Picture(wide, int(rng.choice((80, 100, 120, 160))), str(rng.choice(GREYS)))]


def _links(rng: np.random.Generator, _: int) -> list[Part]:
    if rng.random() < 0.5:
        return [Link(phrase(rng, LINKS, 2))]
    return [Row(tuple(Link(phrase(rng, LINKS, 1)) for _ in range(int(rng.integers(2, 4)))))]


def _icon(rng: np.random.Generator) -> Icon:
    shape = str(rng.choice(("circle", "square", "triangle")))
    return Icon(shape, int(rng.choice((24, 32, 40))), random_shade(rng))


def _icons(rng: np.random.Generator, _: int) -> list[Part]:
    if rng.random() < 0.5:
        return [Row((_icon(rng), Heading(2, phrase(rng, HEADINGS, 2))))]
    return [Row(tuple(_icon(rng) for _ in range(int(rng.integers(1, 4)))))]


def _card(rng: np.random.Generator, available: int) -> list[Part]:
    makers = (_paragraph, _buttons, _heading, _links, _picture)
    inside: list[Part] = [] if rng.random() < 0.3 else [Heading(2, phrase(rng, HEADINGS, 2))]
    for _ in range(int(rng.integers(1, 3))):
        inside += makers[rng.choice(5, p=(0.5, 0.22, 0.08, 0.1, 0.1))](rng, available - 40)
    return [Card(tuple(inside))]


def _cards(rng: np.random.Generator, available: int) -> list[Part]:
    """A row of cards alike, as prices, products and people are shown."""
    count = int(rng.integers(2, 4)) if available > 380 else 2
    share = available // count - 60
    kind = rng.integers(3)
    cards = []
    for _ in range(count):
        inside: list[Part] = []
        if kind == 0:
            inside.append(Picture(max(40, share // 10 * 10), 60, "#ccc"))
        elif kind == 1:
            inside.append(_icon(rng))
        inside.append(Heading(2, phrase(rng, HEADINGS, 1)))
        if rng.random() < 0.8:
            inside.append(Paragraph(sentence(rng, 4)))
        if kind != 1 and rng.random() < 0.5:
            inside.append(Button(phrase(rng, BUTTONS, 1)))
        cards.append(Card(tuple(inside)))
    return [Row(tuple(cards))]
