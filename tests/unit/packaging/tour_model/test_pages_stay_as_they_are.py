"""Pages as the tour model learns to write them look after rewriting as they did before."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import html5lib
import numpy as np
import pytest
from tour_model.pages.compose import random_page
from tour_model.pages.page import write_html

from app.page.assets import has_placeholders
from app.page.rewrite import rewrite


def looks(html: str) -> list[tuple[str, dict[str, str], str]]:
    """Every element of the body with its attributes and the text in it, and the style rules; spaces aside."""
    tree = html5lib.parse(html, treebuilder="etree")
    return [look for node in tree.iter() if "meta" not in (look := _look(node))[0]]


def _look(node: Element) -> tuple[str, dict[str, str], str]:
    text = "".join((node.text or "").split("\n")) if not node.tag.endswith("style") else (node.text or "").strip()
    return node.tag, dict(node.items()), re.sub(r"\s*,\s*", ",", text.replace("'", '"'))


@pytest.mark.parametrize("seed", range(40))
def test_a_page_of_the_tour_passes_unchanged(seed: int) -> None:
    html = write_html(random_page(np.random.default_rng(seed)), exact_font=seed % 2 == 0)
    page = rewrite(html)
    assert page.notices == ()
    assert looks(page.html) == looks(html)
    assert has_placeholders(page.html) == ('class="img"' in html)
