"""Pages rendered by QtWebEngine in a process of its own: whatever a page does, the window neither waits nor falls."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.page.render import BROKE_DOWN, GAVE_UP, PATIENCE_SECONDS, PageSize, cut_to_size, elements_of
from app.page.render_child import RenderChild
from app.page.white import save_white
from app.state.page import Rendering

_START_SECONDS = 30.0
_NO_START = "Pages cannot be rendered on this machine: {}"


@dataclass(frozen=True)
class _Request:
    html: str
    size: PageSize
    done: Callable[[Rendering], None]


class WebEngineRenderer(QObject):
    """Keeps one rendering process from the first page on; for the rest see `app.page.render.Renderer`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = tempfile.TemporaryDirectory(prefix="prism-page-")
        self._child: RenderChild | None = None
        self._current: _Request | None = None
        self._waiting: _Request | None = None
        self._number = 0
        self._cut = ""  # the notice for what was cut from the current page's text
        self._patience = QTimer(self, singleShot=True)
        self._patience.timeout.connect(self._on_patience_lost)

    @property
    def pid(self) -> int | None:
        """The rendering process's id, while there is one."""
        return None if self._child is None else self._child.pid

    def render(self, html: str, size: PageSize, done: Callable[[Rendering], None]) -> None:
        """Render a page, after the one that is under way and instead of one that waits."""
        request = _Request(html, size, done)
        if self._current is not None:
            self._waiting = request
        else:
            self._begin(request)

    def discard(self, rendering: Rendering) -> None:
        """Remove a picture that nobody looks at any more."""
        picture = Path(rendering.picture)
        if picture.parent == Path(self._folder.name):
            picture.unlink(missing_ok=True)

    def close(self) -> None:
        """End the process, wait until it is gone, and remove the pictures."""
        self._current = self._waiting = None
        self._patience.stop()
        if self._child is not None:
            self._child.kill(wait=True)
            self._child = None
        self._folder.cleanup()

    def _begin(self, request: _Request) -> None:
        self._current = request
        self._number += 1
        if self._child is None:
            self._start()
        elif self._child.has_started:
            self._send()

    def _start(self) -> None:
        """Start a process; the current page is sent to it once it is ready."""
        self._child = RenderChild(Path(self._folder.name), self)
        self._child.ready.connect(self._on_ready)
        self._child.answered.connect(self._on_answered)
        self._child.ended.connect(self._on_ended)
        self._patience.start(int(_START_SECONDS * 1000))

    def _send(self) -> None:
        assert self._child is not None and self._current is not None
        html, self._cut = cut_to_size(self._current.html)
        size = self._current.size
        request = {
            "number": self._number,
            "width": size.width,
            "height": size.height,
            "scale": size.scale,
            "picture": self._picture(),
        }
        self._child.send(request, html.encode(errors="replace"))
        self._patience.start(int(PATIENCE_SECONDS * 1000))

    def _picture(self) -> str:
        return str(Path(self._folder.name, f"{self._number}.png"))

    def _on_ready(self) -> None:
        self._patience.stop()
        if self._current is not None:
            self._send()

    def _on_answered(self, answer: dict[str, Any]) -> None:
        assert answer["number"] == self._number
        notices = [self._cut, *answer["notices"]]
        self._finish(
            Rendering(
                self._picture(),
                answer["width"],
                answer["height"],
                elements_of(answer["elements"]),
                " ".join(notice for notice in notices if notice),
            )
        )

    def _on_patience_lost(self) -> None:
        assert self._child is not None
        self._lose(GAVE_UP if self._child.has_started else _NO_START.format("it takes too long."))

    def _on_ended(self) -> None:
        assert self._child is not None
        self._lose(BROKE_DOWN if self._child.has_started else _NO_START.format(self._child.trouble))

    def _lose(self, notice: str) -> None:
        """End the process, start a fresh one if it was this page's fault, and show nothing of the page."""
        assert self._child is not None
        child, self._child = self._child, None
        child.kill()
        if child.has_started:
            self._start()
        if (request := self._current) is not None:
            height = save_white(self._picture(), request.size)
            self._finish(Rendering(self._picture(), request.size.width, height, notice=notice))

    def _finish(self, rendering: Rendering) -> None:
        """Begin with the page that waits, and hand over the one that is done."""
        assert self._current is not None
        done = self._current.done
        self._patience.stop()
        self._current, waiting, self._waiting = None, self._waiting, None
        if waiting is not None:
            self._begin(waiting)
        done(rendering)
