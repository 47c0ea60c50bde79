"""Variants of pages for the fidelity study, and where an edit of a page is."""

from __future__ import annotations

import numpy as np
import pytest
from tour_model.pages.browser import Element
from tour_model.pages.compose import random_page
from tour_model.pages.edits import edited
from tour_model.pages.faults import plant_local_fault
from tour_model.pages.layout import place
from tour_model.pages.page import Bullets, Page, write_html
from tour_model.pages.theme import random_theme
from tour_model.pages.variants import variants

TITLE = Element("h1", "", "News", (20, 20, 100, 40), "")
CARD = Element("div", "card", "Sign in\nNow", (20, 80, 200, 90), "")
INNER = Element("p", "", "Sign in", (36, 96, 60, 24), "")
BUTTON = Element("button", "", "Now", (36, 130, 60, 30), "rgb(0, 0, 0)")
PAGE = [TITLE, CARD, INNER, BUTTON]


def other(element: Element, **changes: object) -> Element:
    return Element(**{**vars(element), **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "places"),
    [
        (PAGE, []),
        ([TITLE, other(CARD, text="Log in\nNow"), other(INNER, text="Log in"), BUTTON], [INNER, INNER]),
        ([TITLE, CARD, INNER, other(BUTTON, look="rgb(9, 0, 0)")], [BUTTON, BUTTON]),
        ([TITLE], [CARD]),
        ([other(CARD, box=(20, 20, 200, 90)), INNER, BUTTON], [TITLE]),
    ],
)
def test_an_edit_is_where_something_looks_otherwise_or_is_gone(after: list[Element], places: list[Element]) -> None:
    boxes = [(x, y, x + width, y + height) for x, y, width, height in (element.box for element in places)]
    assert edited(PAGE, after) == boxes


def test_variants_fit_their_width_and_are_another_page() -> None:
    rng = np.random.default_rng(5)
    for _ in range(10):
        page = random_page(rng)
        found = dict(variants(rng, page))
        assert len(found) == 7
        for name, variant in found.items():
            place(variant)
            assert variant.width == page.width and write_html(variant) != write_html(page), name


def test_a_local_fault_is_one_thing_and_some_pages_have_no_place_for_one() -> None:
    rng = np.random.default_rng(6)
    for _ in range(30):
        page = random_page(rng)
        fault = plant_local_fault(rng, page)
        assert fault is None or (
            write_html(fault.page) != write_html(page) and fault.page.theme.paper == page.theme.paper
        )
    bare = Page(random_theme(rng), "Page", 480, (Bullets(("One", "Two")),))
    assert plant_local_fault(rng, bare) is None
