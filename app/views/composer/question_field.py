"""The field for the words of a question: grows with them, to eight lines."""

from __future__ import annotations

import math

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from app.state.draft import Draft
from app.views.theme import Type, type_font
from app.words import tr

_MOST_LINES = 8
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class QuestionField(QPlainTextEdit):
    """Writes into the draft, and shows what others write there.

    Signals:
        send_wanted: Return was pressed, without Shift.
        media_pasted: a file or picture was pasted; its QMimeData.
        focus_changed: it got or lost the keyboard.
    """

    send_wanted = Signal()
    media_pasted = Signal(QMimeData)
    focus_changed = Signal()

    def __init__(self, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self.setAccessibleName(tr("Question"))
        self.setProperty("role", "clear")
        self.setFont(type_font(Type.CONVERSATION))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)  # files belong to the whole window
        self.setTabChangesFocus(True)
        self.setCursorWidth(2)
        self.viewport().setAutoFillBackground(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(2)
        self.textChanged.connect(self._on_text_changed)
        self.document().documentLayout().documentSizeChanged.connect(self._on_size_changed)
        draft.text_changed.connect(self._on_draft_changed)
        self._on_draft_changed(draft.text)
        self._on_size_changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return sends, Shift+Return breaks the line."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        if event.key() in _RETURN and plain:
            self.send_wanted.emit()
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            event.ignore()  # they belong to the conversation
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Words, files and pictures."""
        return source.hasText() or source.hasUrls() or source.hasImage()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Words go into the field, files and pictures beside it."""
        if source.hasImage() or any(url.isLocalFile() for url in source.urls()):
            self.media_pasted.emit(source)
        elif source.hasText():
            self.insertPlainText(source.text())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the card around the field."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell the card around the field."""
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def sizeHint(self) -> QSize:
        """As tall as the words, up to eight lines."""
        return QSize(super().sizeHint().width(), self._height())

    def _height(self) -> int:
        lines = min(max(math.ceil(self.document().size().height()), 1), _MOST_LINES)
        return lines * self.fontMetrics().lineSpacing() + 2 * math.ceil(self.document().documentMargin()) + 4

    def _on_size_changed(self) -> None:
        self.setFixedHeight(self._height())
        fits = self.document().size().height() <= _MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(policy)

    def _on_text_changed(self) -> None:
        self._draft.text = self.toPlainText()

    def _on_draft_changed(self, text: str) -> None:
        if self.toPlainText() != text:
            self.setPlainText(text)
