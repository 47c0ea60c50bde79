"""`render(html, size) → picture + element rectangles`: WKWebView on a Mac, QtWebEngine on Linux."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.state.page import PageElement, Rendering
from app.words import number, tr

LOAD_SECONDS = 3.0
"""A page that has not come to rest by then is shown as far as it has come."""
PATIENCE_SECONDS = 6.0
"""A renderer that has not answered by then is ended, and a fresh one started."""
MOST_TAGS = 50_000
MOST_CHARACTERS = 16_000_000
MOST_HEIGHT = 16_000
"""Of a picture, in CSS pixels."""
MOST_PIXELS = 40_000_000
"""Of a picture: readers of Qt refuse pictures of more than 256 MB."""

TOO_LONG = tr("The page has more than {most} tags; the rest is left out.", most=number(MOST_TAGS))
TOO_HIGH = tr("The page is too high to be shown whole; the rest is left out.")
TOO_SLOW = tr("The page was not ready in time; it is shown as far as it had come.")
ENDLESS = tr("The page has an animation without end; it is shown as it begins.")
GAVE_UP = tr("The page was too much for the renderer, which was ended; nothing of it can be shown.")
NOT_SAVED = tr("The page's picture could not be saved: is the disk full?")
BROKE_DOWN = tr("The renderer broke down over this page; nothing of it can be shown.")


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

    @property
    def most_height(self) -> int:
        """Of a picture of this width and scale, in CSS pixels."""
        return max(1, min(MOST_HEIGHT, int(MOST_PIXELS / (self.width * self.scale**2))))


class Renderer(Protocol):
    """Renders one page at a time, off screen, without scripts and without a network; lives on the GUI thread."""

    def render(self, html: str, size: PageSize, done: Callable[[Rendering], None]) -> None:
        """Render a page that `rewrite` has made safe; `done` is called once, on the GUI thread, later.

        A request made while another is under way waits; of several that wait only the newest is rendered, the others'
        `done` is not called. A page that does not come to rest in time, or grows without end, is cut off: `done` gets
        the picture of what there is, with a notice. If there is nothing, the picture is white.
        """
        ...

    def discard(self, rendering: Rendering) -> None:
        """Remove a picture that nobody looks at any more."""
        ...

    def close(self) -> None:
        """End it; nothing is called afterwards, and its picture files are removed."""
        ...


def cut_to_size(html: str) -> tuple[str, str]:
    """As much of a page as can be rendered, and a notice if that is not all of it."""
    shown = html[:MOST_CHARACTERS]
    if shown.count("<") > MOST_TAGS:
        end = 0
        for _ in range(MOST_TAGS + 1):
            end = shown.index("<", end) + 1
        shown = shown[: end - 1]
    return shown, "" if len(shown) == len(html) else TOO_LONG


def elements_of(found: list[list[object]]) -> tuple[PageElement, ...]:
    """Elements as `render_scripts.ELEMENTS` lists them."""
    return tuple(PageElement(str(tag), str(html), _box(box)) for tag, html, box in found)


def _box(sides: object) -> tuple[float, float, float, float]:
    assert isinstance(sides, list)
    x, y, width, height = (float(side) for side in sides)
    return x, y, width, height
