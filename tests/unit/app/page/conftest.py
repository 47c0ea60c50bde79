"""A renderer for the tests of a module: starting one takes most of a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import pytest

from app.page.render import PageSize
from app.page.render_here import make_renderer
from app.page.render_webengine import WebEngineRenderer
from app.state.page import Rendering

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

Render: TypeAlias = Callable[..., Rendering]
SMALL = PageSize(320, 200)


@pytest.fixture(scope="module")
def renderer(qapp: QApplication) -> Iterator[WebEngineRenderer]:
    """This system's renderer, on Linux."""
    if sys.platform != "linux":
        pytest.skip("a Mac renders with WebKit")
    renderer = make_renderer()
    assert isinstance(renderer, WebEngineRenderer)
    yield renderer
    renderer.close()


@pytest.fixture
def rendered(renderer: WebEngineRenderer, qtbot: QtBot) -> Render:
    """Render a page, at SMALL if no size is given, and wait for it."""

    def render_and_wait(html: str, size: PageSize = SMALL) -> Rendering:
        results: list[Rendering] = []
        renderer.render(html, size, results.append)
        qtbot.waitUntil(lambda: bool(results), timeout=40_000)
        return results[0]

    return render_and_wait


def colour(rendering: Rendering, x: int, y: int) -> str:
    """The colour of a picture's pixel, such as `#336699`."""
    from PySide6.QtGui import QImage

    return QImage(rendering.picture).pixelColor(x, y).name()


def size_of(rendering: Rendering) -> tuple[int, int]:
    """Width and height of a picture in pixels."""
    from PySide6.QtGui import QImage

    image = QImage(rendering.picture)
    return image.width(), image.height()
