"""One of several, of which only the chosen one is seen until it is pressed."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from app.views import icons, theme

_PADDING, _GLYPH = 10, 14


class Dropdown(QComboBox):
    """Drawn in our own colours.

    Signals:
        chosen: the value of the one that the person wants.
    """

    chosen = Signal(str)

    def __init__(self, name: str, options: Iterable[tuple[str, str]], parent: QWidget | None = None) -> None:
        """`options` are values and what they are called; `name` is read aloud."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        for value, title in options:
            self.addItem(title, value)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def set_current(self, value: str) -> None:
        """Show this one as chosen."""
        self.setCurrentIndex(self.findData(value))

    def sizeHint(self) -> QSize:
        """Room for the longest of them."""
        words = max((self.fontMetrics().horizontalAdvance(self.itemText(at)) for at in range(self.count())), default=0)
        return QSize(words + theme.scaled(_GLYPH) + 3 * _PADDING, theme.scaled(theme.TARGET) + 2)

    def minimumSizeHint(self) -> QSize:
        """Nothing of its words is left out."""
        return self.sizeHint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Who scrolls past it does not mean it."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, words, chevron, focus ring."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(c.control), 1))
        for ground in (QColor(c.raised), *((c.hover,) if self.underMouse() else ())):
            painter.setBrush(ground)
            painter.drawRoundedRect(area, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        side = theme.scaled(_GLYPH)
        glyph = QRectF(area.right() - side - _PADDING / 2, area.center().y() - side / 2, side, side)
        icons.paint_icon(painter, "chevron-down", glyph, c.quiet)
        painter.setPen(QColor(c.text))
        words = area.adjusted(_PADDING, 0, -side - _PADDING, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.currentText())
        if self.hasFocus():
            theme.paint_focus(painter, self, QRectF(self.rect()))
        painter.end()
