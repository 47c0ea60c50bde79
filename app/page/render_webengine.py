"""Pages rendered by QtWebEngine in a process of its own: whatever a page does, the window neither waits nor falls."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from app.page.render import BROKE_DOWN, GAVE_UP, NOT_SAVED, PATIENCE_SECONDS, elements_of
from app.page.render_child import RenderChild
from app.page.render_queue import QueuedRenderer
from app.words import tr

_START_SECONDS = 30.0
_NO_START = tr("Pages cannot be rendered on this machine: {}")


class WebEngineRenderer(QueuedRenderer):
    """Keeps one rendering process from the first page on; for the rest see `app.page.render.Renderer`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child: RenderChild | None = None

    @property
    def pid(self) -> int | None:
        """The rendering process's id, while there is one."""
        return None if self._child is None else self._child.pid

    def take_up(self) -> None:
        """Send the page to the process, or start one."""
        if self._child is None:
            self._start()
        elif self._child.has_started:
            self._send()
        else:
            self.patience.start(int(_START_SECONDS * 1000))

    def on_patience_lost(self) -> None:
        """End the process that a page keeps busy, or that does not come up."""
        assert self._child is not None
        self._lose(GAVE_UP if self._child.has_started else _NO_START.format(tr("it takes too long.")))

    def end(self) -> None:
        """End the process and wait until it is gone."""
        if self._child is not None:
            self._child.kill(wait=True)
            self._child = None

    def _start(self) -> None:
        """Start a process; the current page is sent to it once it is ready."""
        self._child = RenderChild(self.folder, self)
        self._child.ready.connect(self._on_ready)
        self._child.answered.connect(self._on_answered)
        self._child.ended.connect(self._on_ended)
        self.patience.start(int(_START_SECONDS * 1000))

    def _send(self) -> None:
        assert self._child is not None and self.current is not None
        size = self.current.size
        request = {
            "number": self.number,
            "width": size.width,
            "height": size.height,
            "scale": size.scale,
            "picture": self.picture,
        }
        self._child.send(request, self.current.html.encode(errors="replace"))
        self.patience.start(int(PATIENCE_SECONDS * 1000))

    def _on_ready(self) -> None:
        self.patience.stop()
        if self.current is not None:
            self._send()

    def _on_answered(self, answer: dict[str, Any]) -> None:
        assert answer["number"] == self.number
        if answer["written"]:
            self.finish(answer["height"], elements_of(answer["elements"]), answer["notices"])
        else:
            self.fail(NOT_SAVED)

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
        if self.current is not None:
            self.fail(notice)
