"""A field for code: line numbers, colours, grows while it is written, and can be written in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from app.views import theme
from app.views.stage.colouring import Colouring
from app.views.theme import GRID, Colours, Type, type_font

_TAB_SPACES = 2
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CodeEditor(QPlainTextEdit):
    """Plain text with numbers beside it.

    Signals:
        edited: the person has changed something.
        apply_wanted: the person pressed ⌘↵.
    """

    edited = Signal()
    apply_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = _Numbers(self)
        self._colours = Colouring(self.document(), self._theme)
        self._by_program = False
        self._marked: tuple[int, int] | None = None
        self.setAccessibleName("HTML")
        self.setProperty("role", "clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)  # files belong to the whole window
        self.setCursorWidth(2)
        self.setCornerWidget(QWidget(self))
        self.viewport().setAutoFillBackground(False)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._on_update_request)
        self.textChanged.connect(self._on_text_changed)
        self._dress()

    def code(self) -> str:
        """The text as it stands, with spaces of every kind kept apart."""
        return self.document().toRawText().replace("\u2029", "\n").replace("\u2028", "\n")

    def show_code(self, text: str) -> None:
        """Other code; where it only goes on from what is shown, nothing moves but the end.

        The end is followed if it is in view.
        """
        text, shown = text.replace("\r\n", "\n").replace("\r", "\n"), self.code()
        if text == shown:
            return
        self._by_program = True
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        if text.startswith(shown) and shown:
            across = self.horizontalScrollBar().value()
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(shown) :])
            self.horizontalScrollBar().setValue(across)
        else:
            self.setPlainText(text)
            self._marked = None
            self._show_mark()
        if follows and self.isReadOnly():
            bar.setValue(bar.maximum())
        self._by_program = False

    def mark(self, start: int, length: int) -> None:
        """Scroll to this part and lay a colour under it; no length takes it away."""
        self._marked = (start, length) if length else None
        self._show_mark()
        if length:
            line = self.document().findBlock(start).blockNumber()
            self.verticalScrollBar().setValue(max(line - self.verticalScrollBar().pageStep() // 3, 0))

    def numbers_width(self) -> int:
        """Of the line numbers, with the space around them."""
        digits = max(len(str(self.blockCount())), 2)
        return self.fontMetrics().horizontalAdvance("0") * digits + 2 * GRID

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Command and Return applies; page keys turn this, not the conversation."""
        if event.key() in _RETURN and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.apply_wanted.emit()
        else:
            super().keyPressEvent(event)
            if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
                event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Another size of text, or other colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationFontChange, QEvent.Type.PaletteChange) and self._numbers:
            self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers stay at the left."""
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), self.numbers_width(), self.viewport().height()))

    def paint_numbers(self, painter: QPainter, part: QRect) -> None:
        """The numbers of the lines that are seen."""
        c = theme.colours_of(self)
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        here = self.textCursor().blockNumber() if self.hasFocus() and not self.isReadOnly() else -1
        width = self.numbers_width() - GRID
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if area.top() > part.bottom():
                break
            painter.setPen(QColor(c.text if block.blockNumber() == here else c.quiet))
            room = QRectF(0, area.top(), width, area.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignRight, str(block.blockNumber() + 1))
            block = block.next()

    def _theme(self) -> Colours:
        return theme.colours_of(self)

    def _dress(self) -> None:
        self.setFont(type_font(Type.QUIET, fixed=True))
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * _TAB_SPACES)
        self._make_room()
        self._by_program = True
        self._colours.rehighlight()
        self._by_program = False
        self._show_mark()

    def _make_room(self, *_: object) -> None:
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)
        self._numbers.resize(self.numbers_width(), self._numbers.height())

    def _show_mark(self) -> None:
        selection = QTextEdit.ExtraSelection()
        if self._marked is None:
            self.setExtraSelections([])
            return
        start, length = self._marked
        cursor = QTextCursor(self.document())
        last = max(self.document().characterCount() - 1, 0)
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(start + length, last), QTextCursor.MoveMode.KeepAnchor)
        selection.cursor = cursor
        selection.format.setBackground(self._theme().selection)
        self.setExtraSelections([selection])

    def _on_update_request(self, area: QRect, scrolled: int) -> None:
        if scrolled:
            self._numbers.scroll(0, scrolled)
        else:
            self._numbers.update(0, area.y(), self._numbers.width(), area.height())

    def _on_text_changed(self) -> None:
        if not self._by_program:
            self.edited.emit()


class _Numbers(QWidget):
    """The line numbers; the editor paints them."""

    def __init__(self, editor: CodeEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.numbers_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._editor.paint_numbers(painter, event.rect())
        painter.end()
