"""A box to tick, drawn in our own colours and as large as its words."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from app.views import icons, theme

_SIDE, _GAP, _ROUNDING = 16, 8, 4


class CheckBox(QCheckBox):
    """Can be clicked anywhere, words included."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Box and words."""
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(theme.scaled(_SIDE) + _GAP + words + 2, theme.scaled(theme.TARGET))

    def hitButton(self, pos: QPoint) -> bool:
        """Everywhere."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, its tick, the words, and a ring where the keyboard is."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = theme.scaled(_SIDE)
        box = QRectF(1, (self.height() - side) / 2, side, side)
        on = self.isChecked()
        painter.setPen(QPen(QColor(c.accent if on else c.control), 1))
        painter.setBrush(QColor(c.accent if on else c.raised))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _ROUNDING, _ROUNDING)
        if on:
            icons.paint_icon(painter, "check", box.adjusted(1, 1, -1, -1), c.on_accent)
        elif self.underMouse():
            painter.setBrush(c.hover)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _ROUNDING, _ROUNDING)
        painter.setPen(QColor(c.text))
        words = self.rect().adjusted(round(box.right()) + _GAP, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            theme.paint_focus(painter, self, box.adjusted(-1, -1, 1, 1))
        painter.end()
