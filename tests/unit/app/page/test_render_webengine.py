"""Pages are really rendered here, by QtWebEngine without a screen, in the process that the window would start."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.page import render
from app.page.render import PageSize
from tests.unit.app.page.conftest import Render, colour, size_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a Mac renders with WebKit")


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


@pytest.mark.parametrize(
    ("generic", "family"), [("sans-serif", "Arial"), ("serif", "Times New Roman"), ("unset", "Times New Roman")]
)
def test_a_page_that_names_no_font_gets_the_one_that_chromium_gives_it(
    rendered: Render, generic: str, family: str
) -> None:
    """Qt would take that of its windows, which is often another."""
    words = "The quick brown fox jumps over the lazy dog"
    result = rendered(
        "".join(f'<span style="font-family:{name}">{words}</span><br>' for name in (generic, f"'{family}'"))
    )
    one, other = (element.box[2] for element in result.elements if element.tag == "span")
    assert one == pytest.approx(other)


def test_the_pages_own_scripts_do_not_run(rendered: Render) -> None:
    script = "<script>document.body.style.background='red'</script>"
    result = rendered(f"<body style='background:lime'>{script}<noscript><p>off</p></noscript>")
    assert colour(result, 9, 9) == "#00ff00"
    assert [element.tag for element in result.elements] == ["noscript", "p"]  # off, and not only forbidden to run


def test_pictures_in_the_page_may_be_large(rendered: Render, tmp_path: Path) -> None:
    noise = QImage(os.urandom(1200 * 1200 * 4), 1200, 1200, QImage.Format.Format_RGB32)
    file = tmp_path / "noise.png"
    assert noise.save(str(file))
    data = b64encode(file.read_bytes()).decode()
    assert len(data) > 4_000_000
    picture = f"<img style='display:block;width:300px' src='data:image/png;base64,{data}'>"
    result = rendered(f"<body style='margin:0'>{picture}<p>p")
    assert colour(result, 150, 100) != "#ffffff"
    assert result.elements[0].html.endswith('src="data:image/png;base64,…">')
