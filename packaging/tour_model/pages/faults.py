"""One thing wrong on a page, and the sentence that says what."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from tour_model.pages.layout import TooNarrow, place
from tour_model.pages.page import Button, Card, Field, Heading, Icon, Link, Page, Paragraph, Part, Picture, Row
from tour_model.pages.theme import random_shade
from tour_model.pages.wording import plain_words


@dataclass(frozen=True)
class Fault:
    """A page with a fault, and what is wrong with it."""

    page: Page
    sentence: str


def plant_fault(rng: np.random.Generator, page: Page) -> Fault:
    """The page with one thing changed, so that it still fits; every page has something that can be changed."""
    while True:
        fault = _MAKERS[rng.choice(len(_MAKERS), p=_ODDS)](rng, page)
        if fault is not None and fault.page != page and _fits(fault.page):
            return fault


def plant_local_fault(rng: np.random.Generator, page: Page) -> Fault | None:
    """The page with one thing changed at one place, so that it still fits; None if there is no such thing on it."""
    makers = (_word, _missing, _button_colour, _shade, _size, _title_size)
    for index in rng.permutation(len(makers)):
        for _ in range(10):
            fault = makers[index](rng, page)
            if fault is not None and fault.page != page and _fits(fault.page):
                return fault
    return None


def _fits(page: Page) -> bool:
    try:
        place(page)
    except TooNarrow:
        return False
    return True


def _accent(rng: np.random.Generator, page: Page) -> Fault | None:
    if not any(
        (isinstance(part, Button) and part.colour is None) or isinstance(part, Link) for part in _flat(page.parts)
    ):
        return None
    name, shade = random_shade(
        rng, [n for n in ("red", "green", "blue", "orange", "purple") if n != page.theme.accent[0]]
    )
    wrong = replace(page, theme=replace(page.theme, accent=(name, shade)))
    return Fault(wrong, f"The accent colour is {shade}; it should be {page.theme.accent[1]}.")


def _paper(rng: np.random.Generator, page: Page) -> Fault | None:
    shade = str(rng.choice(("#fff", "#eef", "#fee", "#eee", "#ffe", "#111")))
    return Fault(
        replace(page, theme=replace(page.theme, paper=shade)),
        f"The background is {shade}; it should be {page.theme.paper}.",
    )


def _title_size(rng: np.random.Generator, page: Page) -> Fault | None:
    if not any(isinstance(part, Heading) and part.level == 1 for part in _flat(page.parts)):
        return None
    size = int(rng.choice((24, 28, 32, 36, 40)))
    wrong = replace(page, theme=replace(page.theme, title=size))
    return Fault(wrong, f"The heading is {size}px; it should be {page.theme.title}px.")


def _gap(rng: np.random.Generator, page: Page) -> Fault | None:
    gap = int(rng.choice((4, 8, 12, 16, 20, 32)))
    if len(page.parts) < 2:
        return None
    return Fault(
        replace(page, theme=replace(page.theme, gap=gap)), f"The gap is {gap}px; it should be {page.theme.gap}px."
    )


def _centred(_: np.random.Generator, page: Page) -> Fault | None:
    now, then = ("left", "centered") if page.theme.centred else ("centered", "left")
    wrong = replace(page, theme=replace(page.theme, centred=not page.theme.centred))
    return Fault(wrong, f"The page is {now}; it should be {then}.")


def _word(rng: np.random.Generator, page: Page) -> Fault | None:
    """A wrong word in one text."""
    worded = [part for part in _flat(page.parts) if isinstance(part, Heading | Paragraph | Button | Link)]
    if not worded:
        return None
    part = worded[rng.integers(len(worded))]
    words = part.text.split()
    index = int(rng.integers(len(words)))
    new = str(rng.choice(plain_words()))
    words[index] = new.capitalize() if words[index][0].isupper() else new
    wrong = replace(part, text=" ".join(words))
    if part.text == page.title:  # the title repeats it and is not to differ alone
        return None
    return Fault(_exchanged(page, part, wrong), f'"{wrong.text}" should be "{part.text}".')


def _missing(rng: np.random.Generator, page: Page) -> Fault | None:
    """A part of the page left out."""
    if len(page.parts) < 3:
        return None
    index = int(rng.integers(1, len(page.parts)))
    wrong = replace(page, parts=page.parts[:index] + page.parts[index + 1 :])
    return Fault(wrong, f"The {_name(page.parts[index])} is missing.")


def _button_colour(rng: np.random.Generator, page: Page) -> Fault | None:
    buttons = [part for part in _flat(page.parts) if isinstance(part, Button)]
    if not buttons:
        return None
    part = buttons[rng.integers(len(buttons))]
    right = (part.colour or page.theme.accent)[1]
    colour = random_shade(rng, ["red", "green", "blue", "orange", "purple"])
    if colour[1] == right:
        return None
    wrong = _exchanged(page, part, replace(part, colour=colour))
    return Fault(wrong, f'The button "{part.text}" is {colour[1]}; it should be {right}.')


def _size(rng: np.random.Generator, page: Page) -> Fault | None:
    sized = [part for part in _flat(page.parts) if isinstance(part, Picture | Field)]
    if not sized:
        return None
    part = sized[rng.integers(len(sized))]
    width = int(rng.choice((120, 160, 200, 240, 280)))
    name = "picture" if isinstance(part, Picture) else f'input "{part.placeholder}"'
    wrong = _exchanged(page, part, replace(part, width=width))
    return Fault(wrong, f"The {name} is {width}px wide; it should be {part.width}px.")


def _shade(rng: np.random.Generator, page: Page) -> Fault | None:
    """Another colour of a picture or an icon."""
    shown = [part for part in _flat(page.parts) if isinstance(part, Picture | Icon)]
    if not shown:
        return None
    part = shown[rng.integers(len(shown))]
    name, shade = random_shade(rng, ["red", "green", "blue", "orange", "purple"])
    if isinstance(part, Icon):
        wrong, right = replace(part, colour=(name, shade)), part.colour[1]
    else:
        wrong, right = replace(part, shade=shade), part.shade
    return Fault(_exchanged(page, part, wrong), f"The {_name(part)} is {shade}; it should be {right}.")


_MAKERS: tuple[Callable[[np.random.Generator, Page], Fault | None], ...] = (
    _accent, _paper, _title_size, _gap, _centred, _word, _missing, _button_colour, _size,
)  # fmt: skip
_ODDS = (0.1, 0.1, 0.1, 0.08, 0.08, 0.22, 0.14, 0.1, 0.08)


def _flat(parts: tuple[Part, ...]) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        found.append(part)
        if isinstance(part, Card | Row):
            found += _flat(part.parts)
    return found


def _exchanged(page: Page, old: Part, new: Part) -> Page:
    """The page with the first part that is `old` replaced."""
    done = False

    def exchange(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        nonlocal done
        result: list[Part] = []
        for part in parts:
            if part is old and not done:
                done = True
                result.append(new)
            elif isinstance(part, Card | Row):
                result.append(replace(part, parts=exchange(part.parts)))
            else:
                result.append(part)
        return tuple(result)

    return replace(page, parts=exchange(page.parts))


def _name(part: Part) -> str:
    match part:
        case Heading(_, text):
            return f'heading "{text}"'
        case Button(text) | Link(text):
            return f'{type(part).__name__.lower()} "{text}"'
        case Field(text):
            return f'input "{text}"'
        case Row(parts):
            return "row of cards" if isinstance(parts[0], Card) else "row"
        case _:
            return type(part).__name__.lower()
