"""The Mac's renderer with stand-ins for WebKit: what it asks for, in which order, what it makes of the answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QTimer
from PySide6.QtGui import QColor, QImage

from app.page import render, render_scripts, render_webkit, webkit_view
from app.page.render import PageSize
from app.page.render_webkit import WebKitRenderer
from app.state.page import Rendering

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

SMALL = PageSize(320, 200)
ELEMENTS = [["p", "<p>x</p>", [8, 8, 304, 20]]]


class Anything:
    """Takes any call; `alloc`, `init` and the like give itself."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *arguments: self


class Configuration(Anything):
    """What a view is made with."""

    def __init__(self) -> None:
        self.rules: list[str] = []
        self.scripts_allowed = True

    def defaultWebpagePreferences(self) -> Any:
        return self

    def setAllowsContentJavaScript_(self, allowed: bool) -> None:
        self.scripts_allowed = allowed

    def userContentController(self) -> Any:
        return self

    def addContentRuleList_(self, rules: str) -> None:
        self.rules.append(rules)


class View(Anything):
    """A web view that answers after a while, as its class attributes say.

    Attributes:
        asked: what was asked of it, a word each.
        state: what REST finds; `height` 0 is the view's own.
    """

    asked: list[str]
    state: dict[str, Any]
    loads = True
    takes_rules = True

    def __init__(self, configuration: Configuration) -> None:
        self.configured = configuration
        self.size = (1280, 800)
        self.html = ""

    def configuration(self) -> Configuration:
        return self.configured

    def setNavigationDelegate_(self, watcher: Any) -> None:
        self.watcher = watcher

    def setFrame_(self, frame: Any) -> None:
        View.asked.append(f"resize {frame[1][0]}x{frame[1][1]}")
        QTimer.singleShot(20, lambda: setattr(self, "size", frame[1]))

    def loadHTMLString_baseURL_(self, html: str, base: None) -> None:
        assert self.configured.rules and not self.configured.scripts_allowed
        View.asked.append("load")
        self.html = html
        if View.loads:
            QTimer.singleShot(5, lambda: self.watcher.webView_didFinishNavigation_(self, None))

    def evaluateJavaScript_inFrame_inContentWorld_completionHandler_(
        self, text: str, frame: None, world: Any, then: Callable[[Any, Any], None]
    ) -> None:
        if text == render_scripts.REST:
            answer: Any = {"view": self.size, "height": self.size[1], "loading": False, "endless": False, **View.state}
        elif text == render_scripts.ELEMENTS:
            View.asked.append("elements")
            answer = ELEMENTS
        else:
            View.asked.append("scroll")
            answer = int(text.rpartition("(")[2].rstrip(")"))
        QTimer.singleShot(1, lambda: then(json.dumps(answer), None))

    def takeSnapshotWithConfiguration_completionHandler_(self, wanted: Any, then: Callable[[Any, Any], None]) -> None:
        View.asked.append(f"snapshot {self.size[0]}x{self.size[1]}")
        image = QImage(self.size[0] * 2, self.size[1] * 2, QImage.Format.Format_RGB32)
        image.fill(QColor("#336699"))
        QTimer.singleShot(1, lambda: then(Picture(image), None))

    def respondsToSelector_(self, name: str) -> bool:
        return True

    def _killWebContentProcessAndResetState(self) -> None:
        View.asked.append("kill")


class Picture:
    """An NSImage and its NSBitmapImageRep."""

    def __init__(self, image: QImage) -> None:
        self.image = image

    def TIFFRepresentation(self) -> QImage:
        return self.image

    def representationUsingType_properties_(self, kind: int, properties: dict[str, Any]) -> bytes:
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        assert self.image.save(buffer, "PNG")  # type: ignore[call-overload]
        return data.data()


class Store:
    """Where rules are compiled."""

    @staticmethod
    def compileContentRuleListForIdentifier_encodedContentRuleList_completionHandler_(
        name: str, rules: str, then: Callable[[Any, Any], None]
    ) -> None:
        assert json.loads(rules)[0] == {"trigger": {"url-filter": ".*"}, "action": {"type": "block"}}
        QTimer.singleShot(1, lambda: then(rules if View.takes_rules else None, None))


class Object:
    """NSObject: a class of it may name protocols."""

    def __init_subclass__(cls, protocols: list[Any]) -> None:
        assert protocols == ["WKNavigationDelegate"]

    @classmethod
    def alloc(cls) -> Any:
        return cls()

    def init(self) -> Any:
        return self


@pytest.fixture
def renderer(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[WebKitRenderer]:
    """A renderer over stand-ins."""
    View.asked, View.state, View.loads, View.takes_rules = [], {}, True, True
    anything = Anything()
    view_class = Anything()
    view_class.initWithFrame_configuration_ = lambda frame, configuration: View(configuration)  # type: ignore[attr-defined]
    bitmap = Anything()
    bitmap.imageRepWithData_ = Picture  # type: ignore[attr-defined]
    configuration = Anything()
    configuration.init = Configuration  # type: ignore[attr-defined]
    window = Anything()
    window.backingScaleFactor = lambda: 2.0  # type: ignore[attr-defined]
    modules: dict[str, dict[str, Any]] = {
        "objc": {"protocolNamed": str},
        "Foundation": {"NSObject": Object},
        "AppKit": {
            "NSWindow": window, "NSBitmapImageRep": bitmap, "NSBitmapImageFileTypePNG": 4,
            "NSWindowStyleMaskBorderless": 0, "NSBackingStoreBuffered": 2,
        },
        "WebKit": {
            "WKWebViewConfiguration": configuration, "WKWebsiteDataStore": anything, "WKWebView": view_class,
            "WKContentWorld": anything, "WKSnapshotConfiguration": anything, "WKAudiovisualMediaTypeAll": 1,
            "WKContentRuleListStore": type("", (), {"defaultStore": Store}),
            "WKNavigationActionPolicyAllow": 1, "WKNavigationActionPolicyCancel": 0,
        },
    }  # fmt: skip
    for name, names in modules.items():
        module = ModuleType(name)
        vars(module).update(names)
        monkeypatch.setitem(sys.modules, name, module)
    webkit_view._watcher_class.cache_clear()
    renderer = WebKitRenderer()
    yield renderer
    renderer.close()
    webkit_view._watcher_class.cache_clear()


Render = Callable[..., Rendering]


@pytest.fixture
def rendered(renderer: WebKitRenderer, qtbot: QtBot) -> Render:
    def render_and_wait(size: PageSize = SMALL) -> Rendering:
        results: list[Rendering] = []
        renderer.render("<p>x", size, results.append)
        qtbot.waitUntil(lambda: bool(results), timeout=5_000)
        return results[0]

    return render_and_wait


def test_a_page_is_loaded_behind_the_rule_and_taken_as_a_whole(rendered: Render) -> None:
    View.state = {"height": 500}
    result = rendered()
    assert View.asked == ["resize 320x200", "load", "resize 320x500", "elements", "snapshot 320x500"]
    image = QImage(result.picture)
    assert (image.width(), image.height(), image.pixelColor(9, 499).name()) == (320, 500, "#336699")
    assert (result.width, result.height, result.notice) == (320, 500, "")
    assert result.elements[0].box == (8, 8, 304, 20)


def test_it_is_taken_at_the_scale_that_is_asked_for(rendered: Render) -> None:
    image = QImage(rendered(PageSize(320, 200, 2.0)).picture)
    assert (image.width(), image.height()) == (640, 400)


def test_a_page_that_grows_with_its_view_is_taken_in_pieces(rendered: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    heights = iter([400, 600, 400])
    monkeypatch.setattr(render_scripts, "answer", lambda text: _with_height(text, heights))
    assert rendered().height == 400
    assert View.asked[3:] == ["resize 320x200", "elements", "snapshot 320x200", "scroll", "snapshot 320x200"]


def _with_height(text: str, heights: Iterator[int]) -> Any:
    answer = json.loads(text)
    if isinstance(answer, dict) and answer["view"][1] == _asked_height():
        return {**answer, "height": next(heights)}
    return answer


def _asked_height() -> int:
    return int(next(word for word in reversed(View.asked) if word.startswith("resize")).rpartition("x")[2])


def test_what_is_cut_off_is_said(rendered: Render) -> None:
    View.state = {"height": 99_999, "endless": True}
    result = rendered()
    assert result.height == render.MOST_HEIGHT
    assert result.notice == f"{render.ENDLESS} {render.TOO_HIGH}"


def test_a_page_that_is_not_there_in_time_is_shown_as_it_is(rendered: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_webkit, "LOAD_SECONDS", 0.1)
    View.loads = False
    assert rendered().notice == render.TOO_SLOW


def test_a_view_that_is_kept_busy_is_ended_and_a_fresh_one_made(
    rendered: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_webkit, "PATIENCE_SECONDS", 0.2)
    View.state = {"loading": True}
    result = rendered()
    assert result.notice == render.GAVE_UP
    assert View.asked[-1] == "kill"
    assert Path(result.picture).is_file()
    monkeypatch.undo()
    View.state = {}


def test_a_process_that_ends_costs_one_page(renderer: WebKitRenderer, rendered: Render, qtbot: QtBot) -> None:
    rendered()
    results: list[Rendering] = []
    renderer.render("<p>", SMALL, results.append)
    view = renderer._view
    assert view is not None
    view._watcher.webViewWebContentProcessDidTerminate_(None)
    assert [result.notice for result in results] == [render.BROKE_DOWN]
    assert rendered().notice == ""


def test_nothing_is_loaded_without_the_rule(rendered: Render) -> None:
    View.takes_rules = False
    assert "network" in rendered().notice
    assert "load" not in View.asked


def test_only_the_page_that_we_load_is_let_in(renderer: WebKitRenderer, rendered: Render) -> None:
    rendered()
    view = renderer._view
    assert view is not None
    action = Anything()
    decided: list[int] = []
    for expected in (True, False):
        view._watcher.expected = expected
        for _ in range(2):
            view._watcher.webView_decidePolicyForNavigationAction_decisionHandler_(None, action, decided.append)
    assert decided == [1, 0, 0, 0]


def test_closing_ends_the_view_and_removes_the_pictures(renderer: WebKitRenderer, rendered: Render) -> None:
    result = rendered()
    renderer.close()
    assert View.asked[-1] == "kill"
    assert not Path(result.picture).exists()
