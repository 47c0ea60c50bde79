"""A thin line that fills up."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.views import theme
from app.words import tr

_HEIGHT = 4


class ProgressLine(QWidget):
    """How much of something is there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_HEIGHT)
        self._share = 0.0
        self._waits = False

    def show_share(self, share: float, *, waits: bool = False) -> None:
        """From 0 to 1; what waits is drawn in grey."""
        self._share, self._waits = share, waits
        self.setAccessibleName(tr("{share} percent", share=round(share * 100)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track and filling."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect())
        painter.setBrush(c.pressed)
        painter.drawRoundedRect(area, _HEIGHT / 2, _HEIGHT / 2)
        area.setWidth(max(area.width() * self._share, _HEIGHT if self._share else 0))
        painter.setBrush(QColor(c.control if self._waits else c.accent))
        painter.drawRoundedRect(area, _HEIGHT / 2, _HEIGHT / 2)
        painter.end()
