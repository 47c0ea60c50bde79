"""`render(html, size) → picture + element rectangles`: WKWebView on a Mac, QtWebEngine on Linux."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.state.page import Rendering


@dataclass(frozen=True)
class PageSize:
    """What a page is rendered at, in CSS pixels; the picture is at least as high as `height` and shows the whole page.

    Attributes:
        width: of the view.
        height: least height of the picture.
        scale: picture pixels a CSS pixel.
    """

    width: int
    height: int
    scale: float = 1.0


class Renderer(Protocol):
    """Renders one page at a time, off screen, without scripts and without a network; lives on the GUI thread."""

    def render(self, html: str, size: PageSize, done: Callable[[Rendering], None]) -> None:
        """Render a page that `rewrite` has made safe; `done` is called once, on the GUI thread, later.

        A request made while another is under way waits; of several that wait only the newest is rendered, the others'
        `done` is not called. A page that does not come to rest in time, or grows without end, is cut off: `done` gets
        the picture of what there is, with a notice.
        """
        ...

    def close(self) -> None:
        """End it; nothing is called afterwards, and its picture files are removed."""
        ...
