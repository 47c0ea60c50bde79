"""Text that grows while it is read: as tall as its words, appended to, never laid out anew."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCursor, QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

_INTERVAL_MS = 33


class StreamedText(QTextEdit):
    """Words that can be selected; pieces that come faster than the eye reads are shown together."""

    def __init__(self, font: QFont, name: str, parent: QWidget | None = None, *, line_height: int = 100) -> None:
        """`name` is read aloud; `line_height` is in per cent."""
        super().__init__(parent)
        self._pending: list[str] = []
        self._timer = QTimer(self, singleShot=True, interval=_INTERVAL_MS)
        self._timer.timeout.connect(self._flush)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self.setFont(font)
        self.setAccessibleName(name)
        self.setProperty("role", "clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        cursor = QTextCursor(self.document())
        spacing = QTextBlockFormat()
        spacing.setLineHeight(line_height, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.mergeBlockFormat(spacing)  # blocks that follow are made like this one
        self.document().documentLayout().documentSizeChanged.connect(self._on_size_changed)

    def append_text(self, text: str) -> None:
        """More words; shown within a thirtieth of a second."""
        self._pending.append(text)
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Show now what is still held back."""
        self._timer.stop()
        self._flush()

    def sizeHint(self) -> QSize:
        """As tall as the words."""
        return QSize(super().sizeHint().width(), self._height())

    def minimumSizeHint(self) -> QSize:
        """As tall as the words, as narrow as it has to be."""
        return QSize(80, self._height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """What is around this scrolls, not this."""
        event.ignore()

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

    def _height(self) -> int:
        return math.ceil(self.document().size().height())

    def _on_size_changed(self) -> None:
        if self.height() != self._height():
            self.setFixedHeight(self._height())
