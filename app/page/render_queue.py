"""What renderers have in common: one page at a time, the newest of those that wait, patience, and picture files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.page.render import PageSize, cut_to_size
from app.page.white import save_white
from app.state.page import PageElement, Rendering


@dataclass(frozen=True)
class Request:
    """A page to render; `cut` is the notice for what was cut from its text."""

    html: str
    size: PageSize
    done: Callable[[Rendering], None]
    cut: str = ""


class QueuedRenderer(QObject):
    """A renderer without the rendering; see `app.page.render.Renderer`.

    Subclasses begin with `current` in `take_up` and end it with `finish` or `fail`; `on_patience_lost` is for a page
    that takes too long, and `end` for whatever is left when the renderer is closed.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = tempfile.TemporaryDirectory(prefix="prism-page-")
        self.folder = Path(self._folder.name)
        self.number = 0  # of the current page
        self.current: Request | None = None
        self.patience = QTimer(self, singleShot=True)
        self.patience.timeout.connect(self.on_patience_lost)
        self._waiting: Request | None = None

    def render(self, html: str, size: PageSize, done: Callable[[Rendering], None]) -> None:
        """Render a page, after the one that is under way and instead of one that waits."""
        request = Request(html, size, done)
        if self.current is not None:
            self._waiting = request
        else:
            self._begin(request)

    def discard(self, rendering: Rendering) -> None:
        """Remove a picture that nobody looks at any more."""
        picture = Path(rendering.picture)
        if picture.parent == self.folder:
            picture.unlink(missing_ok=True)

    def close(self) -> None:
        """End it and remove the pictures; nothing is called afterwards."""
        self.current = self._waiting = None
        self.patience.stop()
        self.end()
        self._folder.cleanup()

    @property
    def picture(self) -> str:
        """Where the current page's picture belongs."""
        return str(self.folder / f"{self.number}.png")

    def take_up(self) -> None:
        """Begin with the current page, or with what it needs first."""
        raise NotImplementedError

    def on_patience_lost(self) -> None:
        """Give the current page up."""
        raise NotImplementedError

    def end(self) -> None:
        """End what runs."""
        raise NotImplementedError

    def finish(self, height: int, elements: tuple[PageElement, ...], notices: Iterable[str]) -> None:
        """The current page's picture is there; go on with the page that waits."""
        assert self.current is not None
        request, picture = self.current, self.picture
        self.patience.stop()
        self.current, waiting, self._waiting = None, self._waiting, None
        if waiting is not None:
            self._begin(waiting)
        notice = " ".join(notice for notice in (request.cut, *notices) if notice)
        request.done(Rendering(picture, request.size.width, height, elements, notice))

    def fail(self, notice: str) -> None:
        """Nothing of the current page can be shown."""
        assert self.current is not None
        self.finish(save_white(self.picture, self.current.size), (), [notice])

    def _begin(self, request: Request) -> None:
        html, cut = cut_to_size(request.html)
        self.current = Request(html, request.size, request.done, cut)
        self.number += 1
        self.take_up()
