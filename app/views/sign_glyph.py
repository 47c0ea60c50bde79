"""The sign before a sentence: something went wrong, or something to know."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.views import icons, theme


class SignGlyph(QWidget):
    """A triangle in the colour of problems, or a quiet i."""

    def __init__(self, problem: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._problem = problem
        self.setFixedSize(theme.scaled(icons.SIZE), theme.scaled(icons.SIZE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Drawn at the size in force."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        name, ink = ("warning", c.danger) if self._problem else ("info", c.quiet)
        icons.paint_icon(painter, name, QRectF(self.rect()), ink)
        painter.end()
