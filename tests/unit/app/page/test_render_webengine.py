"""Pages are really rendered here, by QtWebEngine without a screen, in the process that the window would start."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.page import render
from app.page.render import PageSize, make_renderer
from app.page.render_webengine import WebEngineRenderer
from app.state.page import Rendering

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a Mac renders with WebKit")

Render = Callable[..., Rendering]
SMALL = PageSize(320, 200)
SPINNING = "<style>@keyframes s{to{transform:rotate(360deg)}} b{animation:s 1s infinite}</style><b>x</b>"


@pytest.fixture(scope="module")
def renderer(qapp: QApplication) -> Iterator[WebEngineRenderer]:
    renderer = make_renderer()
    assert isinstance(renderer, WebEngineRenderer)
    yield renderer
    renderer.close()


@pytest.fixture
def rendered(renderer: WebEngineRenderer, qtbot: QtBot) -> Render:
    """Render a page and wait for it."""

    def render_and_wait(html: str, size: PageSize = SMALL) -> Rendering:
        results: list[Rendering] = []
        renderer.render(html, size, results.append)
        qtbot.waitUntil(lambda: bool(results), timeout=40_000)
        return results[0]

    return render_and_wait


def colour(rendering: Rendering, x: int, y: int) -> str:
    from PySide6.QtGui import QImage

    return QImage(rendering.picture).pixelColor(x, y).name()


def size_of(rendering: Rendering) -> tuple[int, int]:
    from PySide6.QtGui import QImage

    image = QImage(rendering.picture)
    return image.width(), image.height()


def box(left: int, top: int, width: int, height: int, background: str, more: str = "") -> str:
    place = f"left:{left}px;top:{top}px;width:{width}px;height:{height}px"
    return f"<div style='position:absolute;{place};background:{background};{more}'></div>"


def test_colours_and_elements_are_where_the_page_puts_them(rendered: Render) -> None:
    result = rendered("<body style='background:#fff'>" + box(40, 30, 100, 50, "#336699") + "<p>Hello, <b>world</b>")
    assert size_of(result) == (320, 200) == (result.width, result.height)
    assert [colour(result, *at) for at in [(40, 30), (139, 79), (39, 30), (140, 79)]] == ["#336699"] * 2 + [
        "#ffffff"
    ] * 2
    assert [element.tag for element in result.elements] == ["div", "p", "b"]
    assert result.elements[0].box == (40, 30, 100, 50)
    assert result.elements[1].html == "<p>Hello, <b>world</b></p>"
    assert result.notice == ""


def test_twice_the_scale_has_twice_the_pixels_of_the_same_layout(rendered: Render) -> None:
    page = "<style>@media(min-width:400px){body{background:red}}</style>" + box(40, 30, 100, 50, "#336699")
    result = rendered(page, PageSize(320, 200, 2.0))
    assert size_of(result) == (640, 400)
    assert (result.width, result.height) == (320, 200)
    assert [colour(result, *at) for at in [(80, 60), (279, 159), (79, 60), (0, 0)]] == ["#336699"] * 2 + ["#ffffff"] * 2
    assert result.elements[0].box == (40, 30, 100, 50)
    assert size_of(rendered(page)) == (320, 200)


def test_a_high_page_is_shown_whole(rendered: Render) -> None:
    result = rendered(box(0, 0, 10, 10, "red") + box(0, 11_990, 10, 10, "blue"))
    assert (result.height, result.notice) == (12_000, "")
    assert (colour(result, 5, 5), colour(result, 5, 11_995)) == ("#ff0000", "#0000ff")


def test_a_page_of_parts_of_the_views_height_is_not_stretched(rendered: Render) -> None:
    page = """<style>*{margin:0} header{height:100vh;background:#0f0} footer{height:90px;background:#00f}
        nav{position:fixed;top:0;width:100%;height:20px;background:#f00}</style><nav></nav><header></header><footer>"""
    result = rendered(page)
    assert result.height == 290
    at = [(5, 5), (5, 30), (5, 199), (5, 205), (5, 289)]
    assert [colour(result, *point) for point in at] == ["#ff0000", "#00ff00", "#00ff00", "#0000ff", "#0000ff"]


def test_a_page_without_end_is_cut_off(rendered: Render) -> None:
    result = rendered("<div style='height:9999999px;background:#ff0'>")
    assert result.height == render.MOST_HEIGHT
    assert result.notice == render.TOO_HIGH


def test_an_endless_animation_is_shown_as_it_begins(rendered: Render) -> None:
    frames = "@keyframes g{from{height:50px} to{height:5000px}}"
    page = f"<style>{frames} div{{background:red;animation:g 5s infinite}}</style><div></div>"
    result = rendered(page)
    assert (result.notice, result.height) == (render.ENDLESS, 200)
    assert result.elements[0].box[3] == pytest.approx(50, abs=1)


def test_an_animation_that_ends_is_shown_as_it_ends(rendered: Render) -> None:
    page = "<style>@keyframes g{from{background:red}} body{background:lime;animation:g 99s}</style>"
    result = rendered(page)
    assert (result.notice, colour(result, 9, 9)) == ("", "#00ff00")


def test_the_pages_own_scripts_do_not_run(rendered: Render) -> None:
    result = rendered("<body style='background:lime'><script>document.body.style.background='red'</script>")
    assert colour(result, 9, 9) == "#00ff00"


def test_pictures_in_the_page_may_be_large(rendered: Render, tmp_path: Path) -> None:
    from base64 import b64encode

    from PySide6.QtGui import QImage

    noise = QImage(os.urandom(1200 * 1200 * 4), 1200, 1200, QImage.Format.Format_RGB32)
    file = tmp_path / "noise.png"
    assert noise.save(str(file))
    data = b64encode(file.read_bytes()).decode()
    assert len(data) > 4_000_000
    picture = f"<img style='display:block;width:300px' src='data:image/png;base64,{data}'>"
    result = rendered(f"<body style='margin:0'>{picture}<p>p")
    assert colour(result, 150, 100) != "#ffffff"
    assert result.elements[0].html.endswith('src="data:image/png;base64,…">')


def test_a_million_tags_do_not_hold_up_the_window(rendered: Render, qtbot: QtBot) -> None:
    from PySide6.QtCore import QTimer

    beats: list[float] = []
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    timer.start()
    result = rendered("<p>x</p>" * 500_000)
    timer.stop()
    assert result.notice.startswith(render.TOO_LONG)
    assert max(later - earlier for earlier, later in pairwise(beats)) < 0.25


def test_a_page_that_kills_its_renderer_costs_nothing_but_itself(renderer: WebEngineRenderer, rendered: Render) -> None:
    rendered("<p>warm")
    assert renderer.pid is not None
    results: list[Rendering] = []
    renderer.render("<p>" * 1000, SMALL, results.append)
    os.kill(renderer.pid, signal.SIGKILL)
    assert colour(rendered("<body style='background:lime'>"), 9, 9) == "#00ff00"
    assert [result.notice for result in results] == [render.BROKE_DOWN]
    assert size_of(results[0]) == (320, 200)
