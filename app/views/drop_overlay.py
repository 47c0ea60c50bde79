"""Laid over the whole window while something is dragged over it: one line that says what dropping it will do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.views import icons, theme
from app.views.ink import faded
from app.views.theme import GRID, Type, type_font

_FRAME = GRID
_CARD_RADIUS = 14
_GLYPH = 28


class DropOverlay(QWidget):
    """A dashed frame and a sentence; lets every event through to what is below.

    Covers its parent and stays with its size.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._text = ""
        self._accepted = True
        self._glyph = "picture"
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        parent.installEventFilter(self)

    def show_message(self, text: str, accepted: bool, glyph: str = "picture") -> None:
        """Say what will happen on a drop, or why nothing will; `glyph` shows what is dragged."""
        self._text, self._accepted, self._glyph = text, accepted, glyph
        self.setAccessibleName(text)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._window.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """A veil, the frame, and a card in the middle."""
        c = theme.colours_of(self)
        ink = QColor(c.link if self._accepted else c.danger)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), faded(c.content, 0.9))
        pen = QPen(ink, 2, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.RoundCap)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(faded(ink, 0.06))
        frame = QRectF(self.rect()).adjusted(_FRAME, _FRAME, -_FRAME, -_FRAME)
        painter.drawRoundedRect(frame, _CARD_RADIUS, _CARD_RADIUS)
        self._paint_card(painter, ink)
        painter.end()

    def _paint_card(self, painter: QPainter, ink: QColor) -> None:
        c = theme.colours_of(self)
        painter.setFont(type_font(Type.HEADING, bold=True))
        metrics = painter.fontMetrics()
        room = min(self.width() - 2 * _FRAME - 14 * GRID, theme.READING_WIDTH - 14 * GRID)
        wrap = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
        words = QRectF(metrics.boundingRect(0, 0, room, 10_000, wrap, self._text)).adjusted(0, 0, 2, 0)
        card = QRectF(0, 0, words.width() + _GLYPH + 12 + 5 * GRID, max(words.height(), _GLYPH) + 4 * GRID)
        card.moveCenter(QRectF(self.rect()).center())
        painter.setPen(QPen(c.hairline, 1))
        painter.setBrush(QColor(c.raised))
        painter.drawRoundedRect(card, _CARD_RADIUS, _CARD_RADIUS)
        glyph = QRectF(card.left() + 2 * GRID, card.center().y() - _GLYPH / 2, _GLYPH, _GLYPH)
        icons.paint_icon(painter, self._glyph if self._accepted else "warning", glyph, ink)
        painter.setPen(QColor(c.text))
        painter.drawText(QRectF(glyph.right() + 12, card.top(), words.width(), card.height()), wrap, self._text)
