"""How a line of a transcript is laid out and painted: its time, its words, and what can be done with it."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QFrame, QListView, QPlainTextEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.state.clock import clock
from app.state.transcript import Transcript
from app.views import icons, theme
from app.views.ink import faded
from app.views.theme import GRID, Type, type_font
from app.words import tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_PAD, _GLYPH = 7, 16
_DEEDS = ("edit", "retry")
_LINE_HEIGHT = 1.18


class LineModel(QAbstractListModel):
    """One row a line of the transcript that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.transcript: Transcript | None = None

    def show(self, transcript: Transcript | None) -> None:
        """Follow this one from now on."""
        old = self.transcript
        if old is not None:
            old.line_added.disconnect(self._on_line_added)
            old.line_changed.disconnect(self._on_line_changed)
            old.changed.disconnect(self._on_changed)
        self.beginResetModel()
        self.transcript = transcript
        self.endResetModel()
        if transcript is not None:
            transcript.line_added.connect(self._on_line_added)
            transcript.line_changed.connect(self._on_line_changed)
            transcript.changed.connect(self._on_changed)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """As many as there are."""
        return 0 if parent.isValid() or self.transcript is None else len(self.transcript.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What is read aloud, and what is edited."""
        assert self.transcript is not None
        line = self.transcript.lines[index.row()]
        if role == Qt.ItemDataRole.EditRole:
            return line.text
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{clock(line.start)} {line.text}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every line can be corrected."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def _on_line_added(self, number: int) -> None:
        self.beginInsertRows(_NOWHERE, number, number)
        self.endInsertRows()

    def _on_line_changed(self, number: int) -> None:
        self.dataChanged.emit(self.index(number), self.index(number))

    def _on_changed(self) -> None:
        self.beginResetModel()
        self.endResetModel()


class LineDelegate(QStyledItemDelegate):
    """Signals: `edited(int, str)` with the number of a line and its new words.

    Attributes:
        hovered: number of the row under the pointer, below 0 for none.
        heard: number of the line that is heard now; None for none.
    """

    edited = Signal(int, str)

    def __init__(self, model: LineModel, view: QListView) -> None:
        super().__init__(view)
        self._model, self._view = model, view
        self.hovered = -1
        self.heard: int | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the words are in the width of the list."""
        height = self._layout(index.row(), self._words(self._view.viewport().rect()).width())[1]
        return QSize(0, max(round(height) + 2 * _PAD, theme.scaled(theme.TARGET)))

    def deed_at(self, area: QRect, x: int) -> str:
        """What a click at this place of a row does: `edit`, `retry`, or nothing of these."""
        for deed, place in self._deeds(area):
            if place.left() <= x <= place.right():
                return deed
        return ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, time, words, and the deeds of the row that the pointer or the keyboard is on."""
        c, row, area = theme.colours_of(self._view), index.row(), QRect(option.rect)
        transcript = self._model.transcript
        assert transcript is not None
        line = transcript.lines[row]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        near = row == self.hovered or selected
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(area.adjusted(0, 1, 0, -1))
        if row == self.heard or near:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c.selection if row == self.heard else c.hover)
            painter.drawRoundedRect(ground, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        painter.setFont(_time_font())
        painter.setPen(QColor(c.link if row == self.heard else c.quiet))
        place = QRectF(area.left() + GRID, area.top() + _PAD, _time_width(), QFontMetrics(_font()).height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, clock(line.start))
        redone = transcript.redoing == line.piece
        painter.setPen(QColor(c.quiet) if redone else QColor(c.text))
        words = self._words(area)
        self._layout(row, words.width(), marked=True)[0].draw(painter, QPointF(words.left(), area.top() + _PAD))
        for deed, where in self._deeds(area) if near and not redone else ():
            icons.paint_icon(painter, deed, where, QColor(c.quiet))
        if selected and option.state & QStyle.StateFlag.State_HasFocus:
            theme.paint_focus(painter, self._view, ground)
        painter.restore()

    def createEditor(self, parent: object, option: QStyleOptionViewItem, index: Index) -> QPlainTextEdit:
        """A field over the words."""
        field = QPlainTextEdit(parent)  # type: ignore[arg-type]
        field.setAccessibleName(tr("Words of this line"))
        field.setFont(_font())
        field.setFrameShape(QFrame.Shape.Box)
        field.setAcceptDrops(False)
        field.setTabChangesFocus(True)
        field.document().setDocumentMargin(3)
        return field

    def updateEditorGeometry(self, editor: object, option: QStyleOptionViewItem, index: Index) -> None:
        """Over the words, a little larger."""
        assert isinstance(editor, QPlainTextEdit)
        area = self._words(QRect(option.rect)).adjusted(-5, 0, 5, 0)
        area.setHeight(max(area.height() + _PAD, QFontMetrics(_font()).lineSpacing() + 12))
        area.moveTop(QRect(option.rect).top() + 1)
        editor.setGeometry(area)

    def setEditorData(self, editor: object, index: Index) -> None:
        """The words as they are."""
        assert isinstance(editor, QPlainTextEdit)
        editor.setPlainText(str(index.data(Qt.ItemDataRole.EditRole)))
        editor.moveCursor(editor.textCursor().MoveOperation.End)

    def setModelData(self, editor: object, model: QAbstractItemModel, index: Index) -> None:
        """The new words."""
        assert isinstance(editor, QPlainTextEdit)
        self.edited.emit(index.row(), editor.toPlainText())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return ends editing; a transcript's line is one line."""
        returns = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if returns and event.type() == QEvent.Type.KeyPress and isinstance(watched, QPlainTextEdit):
            self.commitData.emit(watched)
            self.closeEditor.emit(watched)
            return True
        return super().eventFilter(watched, event)

    def _words(self, area: QRect) -> QRect:
        """Where the words of a row stand."""
        right = len(_DEEDS) * theme.scaled(theme.TARGET)
        return area.adjusted(round(_time_width()) + 2 * GRID, _PAD, -right - GRID // 2, -_PAD)

    def _deeds(self, area: QRect) -> list[tuple[str, QRectF]]:
        side, cell = theme.scaled(_GLYPH), theme.scaled(theme.TARGET)
        left = area.right() - len(_DEEDS) * cell
        top = area.top() + _PAD + (QFontMetrics(_font()).height() - side) / 2
        return [
            (deed, QRectF(left + number * cell + (cell - side) / 2, top, side, side))
            for number, deed in enumerate(_DEEDS)
        ]

    def _layout(self, row: int, width: int, *, marked: bool = False) -> tuple[QTextLayout, float]:
        """The words in lines, and how high they are; what is looked for has another ground."""
        transcript = self._model.transcript
        assert transcript is not None
        layout = QTextLayout(transcript.lines[row].text, _font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        if marked:
            layout.setFormats(_marks(transcript.lines[row].text, transcript.words, theme.colours_of(self._view)))
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 40))
            line.setPosition(QPointF(0, height))
            height += line.height() * _LINE_HEIGHT
        layout.endLayout()
        return layout, height


def _marks(text: str, words: str, c: theme.Colours) -> list[QTextLayout.FormatRange]:
    """A ground under everything that is looked for."""
    sought = words.casefold().strip()
    folded = text.casefold()
    if not sought or len(folded) != len(text):
        return []
    ranges, at = [], folded.find(sought)
    while at >= 0:
        found = QTextLayout.FormatRange()
        found.start, found.length = at, len(sought)
        ground = QTextCharFormat()
        ground.setBackground(faded(c.warning, 0.35))
        found.format = ground
        ranges.append(found)
        at = folded.find(sought, at + len(sought))
    return ranges


def _font() -> QFont:
    return type_font(Type.CONVERSATION)


def _time_font() -> QFont:
    return type_font(Type.QUIET, fixed=True)


def _time_width() -> float:
    return QFontMetrics(_time_font()).horizontalAdvance("0:00:00")
