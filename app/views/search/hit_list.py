"""What was found: a title, and for words in it a second line with what stands around them."""

from __future__ import annotations

import time
from typing import TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.state.dates import day_of
from app.state.library import Hit
from app.views import icons, theme
from app.views.theme import Type, type_font
from app.words import tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ROW, _ROW_WITH_WORDS, _GLYPH, _SIDE = 36, 54, 16, 8
OPEN_MARK, CLOSE_MARK = "\x02", "\x03"


def pieces(snippet: str) -> list[tuple[str, bool]]:
    """The snippet in pieces, each with whether it is what was looked for."""
    result: list[tuple[str, bool]] = []
    for number, part in enumerate(snippet.split(OPEN_MARK)):
        found, mark, rest = part.partition(CLOSE_MARK) if number else ("", "", part)
        result += [(found, True)] if mark or (number and not rest) else []
        result += [(rest, False)] if rest else []
    return result


class HitModel(QAbstractListModel):
    """One row a hit."""

    def __init__(self) -> None:
        super().__init__()
        self.hits: tuple[Hit, ...] = ()

    def show(self, hits: tuple[Hit, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self.hits = hits
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """As many as there are."""
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What is read aloud."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            hit = self.hits[index.row()]
            words = "".join(text for text, _ in pieces(hit.snippet))
            return hit.entry.title if hit.turn is None else f"{hit.entry.title}: {words}"
        return None


class HitDelegate(QStyledItemDelegate):
    """Found words are as bold as the title is."""

    def __init__(self, model: HitModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._list = model, parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line or two."""
        return QSize(0, theme.scaled(_ROW if self._model.hits[index.row()].turn is None else _ROW_WITH_WORDS))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, glyph, title and day, words."""
        c, hit = theme.colours_of(self._list), self._model.hits[index.row()]
        area = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c.selection)
            painter.drawRoundedRect(QRectF(area), theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        inside = area.adjusted(_SIDE, 0, -_SIDE, 0)
        lines = [inside] if hit.turn is None else _halves(inside)
        side = theme.scaled(_GLYPH)
        glyph = QRectF(inside.left(), lines[0].center().y() - side / 2 + 0.5, side, side)
        icons.paint_icon(painter, hit.entry.kind, glyph, QColor(c.quiet))
        left = side + 10
        day = day_of(hit.entry.changed, time.time())
        painter.setFont(type_font(Type.QUIET))
        painter.setPen(QColor(c.quiet))
        painter.drawText(lines[0], Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, day)
        room = painter.fontMetrics().horizontalAdvance(day) + 12
        title = hit.snippet if hit.turn is None else hit.entry.title
        _paint_words(painter, lines[0].adjusted(left, 0, -room, 0), pieces(title), Type.CONTROL, c.text, c.link)
        if hit.turn is not None:
            _paint_words(painter, lines[1].adjusted(left, 0, 0, 0), pieces(hit.snippet), Type.QUIET, c.quiet, c.text)
        painter.restore()


class HitList(QListView):
    """Moved through from the field above it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hits = HitModel()
        self.setModel(self.hits)
        self.setItemDelegate(HitDelegate(self.hits, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "clear")
        self.setAccessibleName(tr("Found"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.viewport().setAutoFillBackground(False)

    def wanted_height(self) -> int:
        """Of all rows."""
        delegate, option = self.itemDelegate(), QStyleOptionViewItem()
        return sum(delegate.sizeHint(option, self.hits.index(row)).height() for row in range(self.hits.rowCount()))

    def step(self, rows: int) -> None:
        """Mark another row, so many further down."""
        count = self.hits.rowCount()
        if count:
            row = max(0, min(self.currentIndex().row() + rows, count - 1))
            self.setCurrentIndex(self.hits.index(row))


def _halves(area: QRect) -> list[QRect]:
    half = area.height() // 2
    top = QRect(area.left(), area.top() + 4, area.width(), half - 2)
    return [top, QRect(area.left(), top.bottom() - 1, area.width(), half - 4)]


def _paint_words(
    painter: QPainter, area: QRect, words: list[tuple[str, bool]], size: Type, ink: str, found_ink: str
) -> None:
    """One line, cut at its end."""
    x = area.left()
    for text, found in words:
        painter.setFont(type_font(size, bold=found or (size is Type.CONTROL)))
        painter.setPen(QColor(found_ink if found else ink))
        room = area.right() - x
        if room <= 0:
            return
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(x, area.top(), room, area.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        if shown != text:
            return
        x += painter.fontMetrics().horizontalAdvance(text)
