"""Worse and worse renderings of a page, for judging how well a number says how good one is."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from tour_model.pages.compose import random_page
from tour_model.pages.faults import plant_fault
from tour_model.pages.layout import TooNarrow, place
from tour_model.pages.page import Page
from tour_model.pages.theme import random_theme

MOST_FAULTS = 8


def variants(rng: np.random.Generator, page: Page) -> Iterator[tuple[str, Page]]:
    """One of each kind, by name: with faults, with parts left out, in another look, another page."""
    few, many = int(rng.integers(1, 4)), int(rng.integers(4, MOST_FAULTS + 1))
    yield "1–3 faults", with_faults(rng, page, few)
    yield "4–8 faults", with_faults(rng, page, many)
    yield "parts missing", with_parts_missing(rng, page)
    restyled = in_another_look(rng, page)
    yield "another look", restyled
    yield "another look, 1–8 faults", with_faults(rng, restyled, int(rng.integers(1, MOST_FAULTS + 1)))
    yield "another page, same look", another(rng, page, same_look=True)
    yield "another page", another(rng, page, same_look=False)


def with_faults(rng: np.random.Generator, page: Page, count: int) -> Page:
    """The page with so many faults planted one after the other."""
    for _ in range(count):
        page = plant_fault(rng, page).page
    return page


def with_parts_missing(rng: np.random.Generator, page: Page) -> Page:
    """The page with one or more of its parts left out, but not all."""
    if len(page.parts) < 2:
        return with_faults(rng, page, 1)
    kept = np.sort(rng.permutation(len(page.parts))[: rng.integers(1, len(page.parts))])
    return replace(page, parts=tuple(page.parts[index] for index in kept))


def in_another_look(rng: np.random.Generator, page: Page) -> Page:
    """The same parts in another font, other colours and other measures."""
    while True:
        other = replace(page, theme=random_theme(rng))
        try:
            place(other)
        except TooNarrow:
            continue
        return other


def another(rng: np.random.Generator, page: Page, *, same_look: bool) -> Page:
    """A page of the same width with other parts."""
    while True:
        other = replace(random_page(rng, page.theme if same_look else None), width=page.width)
        try:
            place(other)
        except TooNarrow:
            continue
        return other
