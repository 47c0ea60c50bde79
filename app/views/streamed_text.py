"""Text that grows while it is read: as tall as its words, appended to, never laid out anew."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from app.views.as_tall import AsTallAsItsWords

INTERVAL_MS = 33


class StreamedText(AsTallAsItsWords, QTextEdit):
    """Words that can be selected; pieces that come faster than the eye reads are shown together."""

    def __init__(self, font: QFont, name: str, parent: QWidget | None = None, *, line_height: int = 100) -> None:
        """`name` is read aloud; `line_height` is in per cent."""
        super().__init__(parent)
        self._pending: list[str] = []
        self._timer = QTimer(self, singleShot=True, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._flush)
        self.setFont(font)
        cursor = QTextCursor(self.document())
        spacing = QTextBlockFormat()
        spacing.setLineHeight(line_height, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.mergeBlockFormat(spacing)  # blocks that follow are made like this one
        self.set_up(name)

    def append_text(self, text: str) -> None:
        """More words; shown within a thirtieth of a second."""
        self._pending.append(text)
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Show now what is still held back."""
        self._timer.stop()
        self._flush()

    def _flush(self) -> None:
        text = "".join(self._pending)
        if self.document().isEmpty():
            text = text.lstrip("\n")
        shown = text.rstrip("\n")  # empty lines at either end would only be gaps; they wait for words behind them
        self._pending = [text[len(shown) :]]
        if shown:
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(shown)
