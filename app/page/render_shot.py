"""One page at a time through QtWebEngine: loaded, brought to rest, taken as a whole; it waits, so it is no window's."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEventLoop, QRect, Qt, QTimer, SignalInstance
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineScript
from PySide6.QtWebEngineWidgets import QWebEngineView

from app.page import render_scripts as scripts
from app.page.render import ENDLESS, LOAD_SECONDS, TOO_HIGH, TOO_SLOW, PageSize
from app.page.render_locked import LockedPage

_PAINT_SECONDS = 1.0
_STEP_MS = 3


class Camera:
    """Takes pictures of pages; blocks while it does.

    Attributes:
        page: where they are loaded.
    """

    def __init__(self) -> None:
        self.page = LockedPage()
        self._view = QWebEngineView()
        self._view.setPage(self.page)
        self._view.resize(1280, 800)
        self._view.show()
        self._size = PageSize(1280, 800)

    def take(self, html: bytes, size: PageSize) -> tuple[QImage, list[Any], list[str]]:
        """The whole page, its elements as `scripts.ELEMENTS` lists them, and notices."""
        least = min(size.height, size.most_height)
        self._resize(size.width, least, size.scale)
        notices = [] if self._load(html) else [TOO_SLOW]
        state = self._rest()
        if state["endless"]:
            notices.append(ENDLESS)
        whole = max(least, state["height"])
        height = min(whole, size.most_height)
        if whole > height or size.height > height:
            notices.append(TOO_HIGH)
        grows = False
        if height > least:
            self._resize(size.width, height, size.scale)
            grows = self._rest()["height"] > whole
        if grows:  # with the view: its heights are parts of the view's, which must stay as high as it was
            self._resize(size.width, least, size.scale)
            self._rest()
        elements = scripts.answer(self._run(scripts.ELEMENTS)) or []
        return self._in_pieces(least, height, size) if grows else self._painted(), elements, notices

    def _in_pieces(self, view: int, height: int, size: PageSize) -> QImage:
        """The page's picture, put together from views of it."""
        whole = QImage(round(size.width * size.scale), round(height * size.scale), QImage.Format.Format_RGB32)
        whole.fill(Qt.GlobalColor.white)
        painter = QPainter(whole)
        for top in range(0, height, view):
            reached = scripts.answer(self._run(scripts.SCROLL % top)) or 0
            painter.drawImage(0, round(reached * size.scale), self._painted())
        painter.end()
        return whole

    def _resize(self, width: int, height: int, scale: float) -> None:
        """Give the view a size in CSS pixels; `_rest` waits until the page has it."""
        self._view.resize(round(width * scale), round(height * scale))
        self._size = PageSize(width, height, scale)

    def _load(self, html: bytes) -> bool:
        """Load a page; False if it was not there in time."""
        in_time = _wait(self.page.loadFinished, LOAD_SECONDS, lambda: self.page.load(self.page.source.serve(html)))
        if not in_time:
            self.page.triggerAction(QWebEnginePage.WebAction.Stop)
        return in_time

    def _rest(self) -> dict[str, Any]:
        """Bring the page to rest at the size and scale that it should have; what `scripts.REST` says of it."""
        size = self._size
        until = time.monotonic() + LOAD_SECONDS
        while True:
            state = scripts.answer(self._run(scripts.REST)) or scripts.NO_STATE
            if time.monotonic() > until:
                return state
            if state["ratio"] != size.scale:
                self._view.setZoomFactor(size.scale)
            elif not state["loading"] and scripts.near(state["view"], (size.width, size.height)):
                return state
            pump()

    def _run(self, script: str) -> Any:
        """What a script of ours returns."""
        returned: list[Any] = []
        loop = QEventLoop()

        def on_returned(value: Any) -> None:
            returned.append(value)
            loop.quit()

        self.page.runJavaScript(script, QWebEngineScript.ScriptWorldId.ApplicationWorld.value, on_returned)
        loop.exec()
        return returned[0]

    def _painted(self) -> QImage:
        """The view's picture, not older than this call: a mark is put into the page's corner and waited for."""
        colour = f"#{secrets.token_hex(3)}"
        self._run(scripts.MARK % colour)
        self._wait_for_corner(lambda corner: corner == colour)
        self._run(scripts.UNMARK)
        self._wait_for_corner(lambda corner: corner != colour)
        return self._view.grab().toImage()

    def _wait_for_corner(self, seen: Callable[[str], bool]) -> None:
        """Wait until the corner looks so, or for as long as painting may take (a page can cover its corner)."""
        until = time.monotonic() + _PAINT_SECONDS
        while not seen(self._corner()) and time.monotonic() < until:
            pump()

    def _corner(self) -> str:
        return self._view.grab(QRect(0, 0, 1, 1)).toImage().pixelColor(0, 0).name()


def pump() -> None:
    """Let the page work for a moment."""
    loop = QEventLoop()
    QTimer.singleShot(_STEP_MS, loop.quit)
    loop.exec()


def _wait(signal: SignalInstance, seconds: float, begin: Callable[[], object]) -> bool:
    """Begin something and wait for its signal; False if it did not come."""
    loop = QEventLoop()
    came: list[bool] = []

    def on_signal(*_: object) -> None:
        came.append(True)
        loop.quit()

    connection = signal.connect(on_signal)
    QTimer.singleShot(int(seconds * 1000), loop, loop.quit)
    begin()
    loop.exec()
    signal.disconnect(connection)
    return bool(came)
