"""A text that a base model goes on with: what the person wrote, and behind it, in place, what came."""

from __future__ import annotations

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from app.state.turn import Turn
from app.views import theme
from app.views.streamed_text import StreamedText
from app.views.theme import Type, type_font
from app.words import tr


class CompletionText(StreamedText):
    """One text of both; the person's words are set apart by their colour."""

    def __init__(self, turn: Turn, parent: QWidget) -> None:
        super().__init__(type_font(Type.CONVERSATION), tr("Text"), parent, line_height=118)
        self._turn = turn
        turn.text_appended.connect(self.append_text)
        turn.restarted.connect(self._begin)
        turn.settled.connect(self.flush_settled)
        self._begin()

    def flush_settled(self, _turn: Turn) -> None:
        """All of it is there now."""
        self.flush()

    def _begin(self) -> None:
        self.flush()
        self.clear()
        own = QTextCharFormat()
        own.setForeground(QColor(theme.colours_of(self).link))
        cursor = QTextCursor(self.document())
        cursor.insertText(self._turn.question, own)
        cursor.setCharFormat(QTextCharFormat())
        cursor.insertText("\u200b", QTextCharFormat())  # what follows takes its colour from here
        self.append_text(self._turn.text)
        self.flush()
