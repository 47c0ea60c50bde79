"""On or off: a box to tick in the look of a switch, for rows whose words stand elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from app.views import theme
from app.views.ink import faded

_WIDTH, _HEIGHT, _EDGE = 36, 20, 4


class Switch(QCheckBox):
    """Its name is only read aloud."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """The switch, and room for the ring of the focus around it."""
        return QSize(theme.scaled(_WIDTH) + 2 * _EDGE, max(theme.TARGET, theme.scaled(_HEIGHT) + 2 * _EDGE))

    def minimumSizeHint(self) -> QSize:
        """It can't be smaller."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """Everywhere."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Trough, knob, focus ring."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = theme.scaled(_HEIGHT)
        trough = QRectF(_EDGE, (self.height() - height) / 2, theme.scaled(_WIDTH), height)
        on = self.isChecked()
        painter.setPen(QPen(QColor(c.accent if on else c.control), 1))
        painter.setBrush(QColor(c.accent) if on else faded(c.control, 0.35 if self.underMouse() else 0.25))
        painter.drawRoundedRect(trough.adjusted(0.5, 0.5, -0.5, -0.5), height / 2, height / 2)
        knob = QRectF(0, 0, height - 6, height - 6)
        knob.moveCenter(trough.center())
        knob.moveLeft(trough.right() - height + 3 if on else trough.left() + 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.on_accent if on else c.control))
        painter.drawEllipse(knob)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(c.link), 2))
            painter.drawRoundedRect(trough.adjusted(-3, -3, 3, 3), height / 2 + 3, height / 2 + 3)
        painter.end()
