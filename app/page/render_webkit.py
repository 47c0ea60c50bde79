"""Pages rendered by WKWebView through PyObjC; WebKit has processes of its own, so the window waits for no page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Any, TypeAlias

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter

from app.page import render_scripts as scripts
from app.page.render import (
    BROKE_DOWN,
    ENDLESS,
    GAVE_UP,
    LOAD_SECONDS,
    NOT_SAVED,
    PATIENCE_SECONDS,
    TOO_HIGH,
    TOO_SLOW,
    PageSize,
    elements_of,
)
from app.page.render_queue import QueuedRenderer, Request
from app.page.webkit_view import WebView
from app.words import tr

Then: TypeAlias = Callable[[Any], None]
Step: TypeAlias = Callable[[Then], None]
"""Begins something, and calls what it is given with the outcome, once, on the GUI thread, later."""
Steps: TypeAlias = Generator[Step, Any, None]
_LOOK_MS = 15
_UNSAFE = tr("Pages are not rendered, since WebKit did not take the rule that keeps them from the network.")


class WebKitRenderer(QueuedRenderer):
    """Keeps one web view, which is never on the screen; for the rest see `app.page.render.Renderer`."""

    _worked = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view: WebView | None = None
        self._steps: Steps | None = None
        self._turn = 0  # of what is waited for: an answer to anything earlier is not listened to
        self._worked.connect(self._on_worked)

    def take_up(self) -> None:
        """Begin with the page; the rest follows as WebKit answers."""
        assert self.current is not None
        if self._view is None:
            self._view = WebView(self._on_died)
        self.patience.start(int(PATIENCE_SECONDS * 1000))
        self._steps = self._take(self.current, self._view)
        QTimer.singleShot(0, self._turn_after(None))

    def on_patience_lost(self) -> None:
        """End the view that a page keeps busy."""
        self._lose(GAVE_UP)

    def end(self) -> None:
        """End the view."""
        self._turn += 1
        self._steps = None
        if self._view is not None:
            self._view.close()
            self._view = None

    def _on_died(self) -> None:
        self._lose(BROKE_DOWN)

    def _lose(self, notice: str) -> None:
        """Show nothing of the page; the next one gets a fresh view."""
        self.end()
        if self.current is not None:
            self.fail(notice)

    def _turn_after(self, outcome: Any) -> Callable[[], None]:
        turn = self._turn
        return lambda: self._go_on(turn, outcome)

    def _go_on(self, turn: int, outcome: Any) -> None:
        """Hand an outcome to the step that waits for it, and begin the next one."""
        if turn != self._turn or self._steps is None:
            return
        self._turn += 1
        turn = self._turn
        try:
            step = self._steps.send(outcome)
        except StopIteration:
            return
        step(lambda outcome: self._go_on(turn, outcome))

    def _take(self, request: Request, view: WebView) -> Steps:
        """Load the page, bring it to rest, take it as a whole: what `render_shot.Camera` does on Linux."""
        if not (yield view.keep_from_the_network):
            self.fail(_UNSAFE)
            return
        size = request.size
        least = min(size.height, size.most_height)
        view.resize(size.width, least)
        in_time = yield lambda then: self._load(view, request.html, then)
        state = yield from self._rest(view, size.width, least)
        whole = max(least, state["height"])
        height = min(whole, size.most_height)
        grows = False
        if height > least:
            view.resize(size.width, height)
            grows = (yield from self._rest(view, size.width, height))["height"] > whole
        if grows:  # with the view: its heights are parts of the view's, which must stay as high as it was
            view.resize(size.width, least)
            yield from self._rest(view, size.width, least)
        elements = scripts.answer((yield view.script(scripts.ELEMENTS))) or []
        image = yield from self._pieces(view, size, height, least if grows else height)
        path = self.picture
        if image is None or not (yield lambda then: self._work(lambda: image.save(path, "PNG"), then)):  # type: ignore[call-overload]
            self.fail(BROKE_DOWN if image is None else NOT_SAVED)
            return
        cut = whole > height or size.height > height
        notices = [(not in_time, TOO_SLOW), (state["endless"], ENDLESS), (cut, TOO_HIGH)]
        self.finish(height, elements_of(elements), [notice for true, notice in notices if true])

    def _load(self, view: WebView, html: str, then: Then) -> None:
        """Load a page; False if it was not there in time."""
        QTimer.singleShot(int(LOAD_SECONDS * 1000), lambda: then(False))  # not listened to after the view's own answer
        view.load(html, then)

    def _rest(self, view: WebView, width: int, height: int) -> Generator[Step, Any, dict[str, Any]]:
        """Bring the page to rest at the view's size; what `scripts.REST` says of it."""
        while True:
            state = scripts.answer((yield view.script(scripts.REST))) or scripts.NO_STATE
            if not state["loading"] and scripts.near(state["view"], (width, height)):
                return state
            yield lambda then: QTimer.singleShot(_LOOK_MS, lambda: then(None))

    def _pieces(self, view: WebView, size: PageSize, height: int, piece: int) -> Generator[Step, Any, QImage | None]:
        """The page's picture, put together from pieces of that height; None if WebKit gives none."""
        whole = QImage(round(size.width * size.scale), round(height * size.scale), QImage.Format.Format_RGB32)
        whole.fill(Qt.GlobalColor.white)
        for top in range(0, height, piece):
            reached = 0 if top == 0 else scripts.answer((yield view.script(scripts.SCROLL % top))) or 0
            taken = yield view.snapshot(round(size.width * size.scale))
            if taken is None:
                return None
            wanted = (whole.width(), round(piece * size.scale))
            image = yield lambda then, taken=taken, wanted=wanted: self._work(lambda: taken(*wanted), then)
            painter = QPainter(whole)
            painter.drawImage(0, round(reached * size.scale), image)
            painter.end()
        return whole

    def _work(self, work: Callable[[], Any], then: Then) -> None:
        """Do something slow on a thread."""
        threading.Thread(target=lambda: self._worked.emit(then, work()), daemon=True).start()

    def _on_worked(self, then: Then, outcome: Any) -> None:
        then(outcome)
