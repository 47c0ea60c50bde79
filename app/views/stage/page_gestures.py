"""What a person can do on the page's canvas: drag the line, point at elements and regions, select, flip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from app.views.stage import page_overlay as overlay
from app.views.stage.gestures import Gestures
from app.views.stage.page_painting import HANDLE, REACH

if TYPE_CHECKING:
    from app.views.stage.page_canvas import PageCanvas

_STEP, _LEAP = 0.02, 0.10
_PAN = 40.0


class PageGestures(Gestures):
    """Turns input on the canvas into changes of the project and of what is seen of it.

    Attributes:
        holds_line: the line is being dragged.
    """

    def __init__(self, canvas: PageCanvas) -> None:
        super().__init__(canvas)
        self._page = canvas

    @property
    def holds_line(self) -> bool:
        """Whether the line is being dragged."""
        return self._gripped

    def hover(self, at: QPointF | None) -> bool:
        """The element or region under the pointer lights up."""
        page = self._page
        if page.mode == "difference":
            inside = at is not None and page.seen().contains(at)
            page.look_at_region(page.region_at(at) if at is not None and inside else None, inside=inside)
            return False
        page.look_at(page.element_at(at) if at is not None else None)
        return page.hovered is not None

    def click(self, at: QPointF) -> None:
        """Select the element; once more, or beside all, none. A still blink is flipped."""
        page = self._page
        if page.mode == "blink" and not page.blink.animated:
            page.blink.flip()
            return
        element = page.element_at(at)
        selected = page.project.subject if page.project else None
        if element is not None or selected is not None:
            page.select(None if element == selected else element)
        if element is not None and element != selected:
            page.words_wanted.emit()

    def grip(self, at: QPointF) -> bool:
        """The line can be taken along its whole length."""
        page = self._page
        if page.mode != "swipe" or not page.seen().contains(QPointF(page.seen().center().x(), at.y())):
            return False
        near_handle = abs(at.y() - page.seen().center().y()) <= HANDLE
        return abs(at.x() - page.line()) <= (HANDLE + 2 if near_handle else REACH)

    def move_grip(self, to: QPointF) -> None:
        """The line follows the pointer."""
        area = self._page.seen()
        if area.width() > 0:
            self._page.move_line((to.x() - area.left()) / area.width())

    def key(self, event: QKeyEvent) -> bool:
        """Left and right move the line, up and down walk, Space flips, Escape lets go."""
        page, key = self._page, event.key()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if page.mode == "swipe" and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = _LEAP if shifted else _STEP
            page.move_line(page.split + (step if key == Qt.Key.Key_Right else -step))
        elif page.mode == "swipe" and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            page.move_line(0.0 if key == Qt.Key.Key_Home else 1.0)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            way = 1 if key == Qt.Key.Key_Down else -1
            if shifted or not self._walk(way):
                page.pan(QPointF(0, -way * _PAN))
        elif page.mode == "blink" and key == Qt.Key.Key_Space:
            page.blink.hold() if page.blink.animated else page.blink.flip()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and page.has_subject:
            page.words_wanted.emit()
        elif key == Qt.Key.Key_Escape and page.has_subject:
            page.select(None)
        else:
            return super().key(event)
        return True

    def _walk(self, way: int) -> bool:
        """To the next element, or the next region that differs; False if there are none."""
        page = self._page
        if page.mode == "difference":
            regions = page.regions()
            if regions:
                at = page.region if page.region is not None else (-1 if way > 0 else len(regions))
                chosen = (at + way) % len(regions)
                page.look_at_region(chosen, inside=True)
                page.show_part(regions[chosen])
            return bool(regions)
        elements = overlay.pointable(page.pictures.rendering)
        subject = page.project.subject if page.project else None
        if elements:
            at = elements.index(subject) if subject in elements else (-1 if way > 0 else len(elements))
            page.select(elements[(at + way) % len(elements)])
        return bool(elements)
