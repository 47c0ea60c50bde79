"""A canvas of the stage: something larger than its view, shown whole, enlarged and moved."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.state.stage import Zoom
from app.views import theme
from app.views.stage.viewport import Viewport

MARGIN = 2 * theme.GRID


class Pannable(QWidget):
    """Has a viewport and a focus ring; what is on it is painted by its kinds.

    Attributes:
        viewport: where the picture lies.
    """

    def __init__(self, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewport = viewport
        self._by_keyboard = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def has_picture(self) -> bool:
        """Whether there is something to move about."""
        return self.viewport.is_valid

    def sizeHint(self) -> QSize:
        """Any size will do; this one is comfortable."""
        return QSize(480, 360)

    def minimumSizeHint(self) -> QSize:
        """Below this, nothing can be told apart."""
        return QSize(200, 160)

    def refresh(self) -> None:
        """Something lies elsewhere now: paint again."""
        self.update()

    def zoom(self, how: Zoom) -> None:
        """What the menu offers."""
        self.viewport.zoom(how, self.devicePixelRatioF())
        self.refresh()

    def zoom_to(self, scale: float, about: QPointF) -> None:
        """Another scale, around a point of the canvas."""
        self.viewport.zoom_to(scale, about)
        self.refresh()

    def pan(self, by: QPointF) -> None:
        """Move the picture."""
        self.viewport.pan(by)
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Labels take more room in a larger font."""
        if event.type() == QEvent.Type.FontChange:
            self.refresh()
        super().changeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A ring shows where the keyboard is, to those who use it."""
        self._by_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A picture that is shown whole stays whole."""
        self.viewport.set_view(self.room())
        self.refresh()

    def room(self) -> QRectF:
        """The part of the canvas that a picture shown whole may fill."""
        return QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

    def _paint_ends(self, painter: QPainter) -> None:
        """Lines above and below a picture that goes on there."""
        if self.viewport.can_pan:
            c = theme.colours_of(self)
            for y in (0, self.height() - 1):
                painter.fillRect(QRectF(0, y, self.width(), 1), QColor(c.surface))
                painter.fillRect(QRectF(0, y, self.width(), 1), c.hairline)

    def _paint_ring(self, painter: QPainter) -> None:
        if self.hasFocus() and self._by_keyboard:
            theme.paint_focus(painter, self, QRectF(self.rect()).adjusted(4, 4, -4, -4))
