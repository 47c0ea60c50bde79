"""A page looks in Prism's preview as it does in a browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import structural_similarity
from tour_model.pages.browser import Browser
from tour_model.pages.compose import random_page
from tour_model.pages.page import write_html

from app.page.render import PageSize, Renderer
from app.page.render_here import make_renderer
from app.state.page import Rendering

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="a Mac renders with WebKit, its own browser"),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="compared with Chromium (apt-get install chromium)"),
]
PAGES = 20
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


def test_twenty_pages_look_as_in_chromium(browser: Browser, qtbot: QtBot) -> None:
    renderer = make_renderer()
    rng = np.random.default_rng(5)
    similar: list[float] = []
    off: list[float] = []
    try:
        for _ in range(PAGES):
            page = random_page(rng)
            html = write_html(page, exact_font=True)
            shown, elements = browser.render(html, page.width, 600)
            rendering = _render(renderer, html, PageSize(page.width, 600), qtbot)
            ours = Image.open(Path(rendering.picture)).convert("RGB")
            assert ours.size == shown.size
            similar.append(structural_similarity(np.asarray(ours), np.asarray(shown), channel_axis=2))
            elements = [e for e in elements if e.tag not in ("circle", "rect", "path")]  # icons are one element to us
            for element, theirs in zip(rendering.elements, elements, strict=True):
                assert element.tag == theirs.tag
                off.append(max(abs(a - b) for a, b in zip(element.box, theirs.box, strict=True)))
    finally:
        renderer.close()
    assert min(similar) > 0.995, similar  # 0.9994 where it was measured
    assert max(off) < 1


def _render(renderer: Renderer, html: str, size: PageSize, qtbot: QtBot) -> Rendering:
    results: list[Rendering] = []
    renderer.render(html, size, results.append)
    qtbot.waitUntil(lambda: bool(results), timeout=40_000)
    return results[0]
