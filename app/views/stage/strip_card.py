"""One card of a strip: a picture with words below it, checked while it is the one that is shown."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.views import theme


class StripCard(QAbstractButton):
    """What its kinds have in common; `CardStrip` has the keyboard for all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paint_ground(self, painter: QPainter) -> None:
        """What lies below everything: a mark of the card that is shown, or of the one under the pointer."""
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            c = theme.colours_of(self)
            painter.setBrush(c.selection if self.isChecked() else c.hover)
            painter.drawRoundedRect(QRectF(self.rect()), theme.CONTROL_RADIUS + 2, theme.CONTROL_RADIUS + 2)

    def paint_focus(self, painter: QPainter) -> None:
        """What lies above everything: a ring while it has the keyboard."""
        if self.hasFocus():
            theme.paint_focus(painter, self, QRectF(self.rect()))
