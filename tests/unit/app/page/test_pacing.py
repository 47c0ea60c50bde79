"""Renderings one at a time, and those of half-written pages only so often."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.page.pacing import SOON_INTERVAL, Prepare, RenderPacer, SafePage
from app.page.render import PageSize
from app.state.page import Rendering
from tests.unit.app.scripted import ScriptedRenderer

SIZE = PageSize(40, 30)


@pytest.fixture
def renderer(qapp: object) -> Iterator[ScriptedRenderer]:
    renderer = ScriptedRenderer()
    yield renderer
    renderer.close()


def page(html: str) -> Prepare:
    return lambda: lambda: SafePage(html)


def pages(renderer: ScriptedRenderer) -> list[str]:
    return [html for html, _ in renderer.pages]


def test_every_page_is_rendered_and_only_one_at_a_time(renderer: ScriptedRenderer, qtbot: QtBot) -> None:
    pacer = RenderPacer(renderer)
    done: list[str] = []
    for name in "abcde":
        pacer.want(name, page(name), SIZE, lambda page, _: done.append(page.html))
    qtbot.waitUntil(lambda: len(done) == 5)
    assert done == list("abcde") and renderer.most_under_way == 1


def test_a_newer_wish_takes_the_place_of_one_that_waits(renderer: ScriptedRenderer, qtbot: QtBot) -> None:
    pacer = RenderPacer(renderer)
    done: list[str] = []
    for number in range(4):
        pacer.want("key", page(str(number)), SIZE, lambda page, _: done.append(page.html))
    qtbot.waitUntil(lambda: done == ["0", "3"])
    assert pages(renderer) == ["0", "3"]


def test_half_written_pages_begin_at_most_five_times_a_second(renderer: ScriptedRenderer, qtbot: QtBot) -> None:
    pacer = RenderPacer(renderer)
    shown: list[Rendering] = []
    for number in range(45):
        pacer.want("writing", page(str(number)), SIZE, lambda _, shot: shown.append(shot), soon=True)
        qtbot.wait(20)
    most = 45 * 0.035 / SOON_INTERVAL + 2  # a wait may take longer than asked
    assert 4 <= len(renderer.pages) <= most
    qtbot.waitUntil(lambda: pages(renderer)[-1] == "44")


def test_whole_pages_go_before_half_written_ones(renderer: ScriptedRenderer, qtbot: QtBot) -> None:
    pacer = RenderPacer(renderer)
    done: list[str] = []
    pacer.want("first", page("first"), SIZE, lambda page, _: done.append(page.html))
    pacer.want("half", page("half"), SIZE, lambda page, _: done.append(page.html), soon=True)
    pacer.want("whole", page("whole"), SIZE, lambda page, _: done.append(page.html))
    qtbot.waitUntil(lambda: len(done) == 3)
    assert done == ["first", "whole", "half"]


def test_forgotten_pictures_are_not_called_for(renderer: ScriptedRenderer, qtbot: QtBot) -> None:
    pacer = RenderPacer(renderer)
    done: list[str] = []
    for name in "abc":
        pacer.want(name, page(name), SIZE, lambda page, _: done.append(page.html))
    pacer.forget("a")
    pacer.forget("b")
    qtbot.waitUntil(lambda: done == ["c"])
    pacer.want("d", page("d"), SIZE, lambda page, _: done.append(page.html))
    pacer.forget_all()
    qtbot.wait(30)
    assert done == ["c"]
    pacer.close()
    assert renderer.closed
