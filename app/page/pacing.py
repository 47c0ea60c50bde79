"""Pages on their way to a picture: made safe on a thread, rendered one at a time, half-written ones only so often."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.page.render import PageSize, Renderer
from app.state.page import Rendering

SOON_INTERVAL = 0.2
"""Seconds between two renderings of pages that are being written."""


@dataclass(frozen=True)
class SafePage:
    """HTML that can be rendered, and what was left out of it, a sentence each."""

    html: str = ""
    notices: tuple[str, ...] = ()


MakeSafe: TypeAlias = Callable[[], SafePage]
Prepare: TypeAlias = Callable[[], MakeSafe]
Done: TypeAlias = Callable[[SafePage, Rendering], None]


@dataclass
class _Job:
    prepare: Prepare
    size: PageSize
    done: Done
    soon: bool
    wanted: bool = True


class RenderPacer(QObject):
    """Stands in front of a renderer, which forgets all but the newest request that waits."""

    _made_safe = Signal(object, object)

    def __init__(self, renderer: Renderer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._renderer = renderer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="make-safe")
        self._waiting: dict[Hashable, _Job] = {}
        self._running: tuple[Hashable, _Job] | None = None
        self._next_soon = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._begin_next)
        self._made_safe.connect(self._on_made_safe, Qt.ConnectionType.QueuedConnection)

    def want(self, key: Hashable, prepare: Prepare, size: PageSize, done: Done, *, soon: bool = False) -> None:
        """Render a page when its turn has come.

        Args:
            key: a newer wish takes the place of one with the same key that still waits.
            prepare: called on the GUI thread just before the page is needed; gives what makes it safe on another.
            size: to render it at.
            done: takes the safe page and its picture, on the GUI thread.
            soon: it will be wanted again, with more in it: others go first, and not more than five a second begin.
        """
        self._waiting.pop(key, None)
        self._waiting[key] = _Job(prepare, size, done, soon)
        self._begin_next()

    def forget(self, key: Hashable) -> None:
        """The picture is no longer wanted; one that is being made is not heard of."""
        self._waiting.pop(key, None)
        if self._running is not None and self._running[0] == key:
            self._running[1].wanted = False

    def forget_all(self) -> None:
        """No picture is wanted any more."""
        self._waiting.clear()
        if self._running is not None:
            self._running[1].wanted = False

    def close(self) -> None:
        """End the renderer; nothing is called afterwards."""
        self.forget_all()
        self._timer.stop()
        self._thread.shutdown(cancel_futures=True)
        self._renderer.close()

    def _begin_next(self) -> None:
        if self._running is not None or not self._waiting:
            return
        key = min(self._waiting, key=lambda one: self._waiting[one].soon)  # the oldest of those that do not change
        job = self._waiting[key]
        now = time.monotonic()
        if job.soon and now < self._next_soon:
            self._timer.start(round(1000 * (self._next_soon - now)) + 1)
            return
        if job.soon:
            self._next_soon = now + SOON_INTERVAL
        del self._waiting[key]
        self._running = (key, job)
        make_safe = job.prepare()
        self._thread.submit(lambda: self._made_safe.emit(job, make_safe()))

    def _on_made_safe(self, job: _Job, page: SafePage) -> None:
        if job.wanted:
            self._renderer.render(page.html, job.size, partial(self._on_rendered, job, page))
        else:
            self._go_on()

    def _on_rendered(self, job: _Job, page: SafePage, rendering: Rendering) -> None:
        if job.wanted:
            job.done(page, rendering)
        else:
            self._renderer.discard(rendering)
        self._go_on()

    def _go_on(self) -> None:
        self._running = None
        self._begin_next()
