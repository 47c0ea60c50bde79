"""Text that is as tall as its words, and scrolls with what is around it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit

_Base = QTextEdit if TYPE_CHECKING else object


class AsTallAsItsWords(_Base):
    """For a QTextEdit that is only read; call `set_up` once it is made."""

    def set_up(self, name: str) -> None:
        """Make it so; `name` is read aloud."""
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
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
        self.document().documentLayout().documentSizeChanged.connect(self._on_size_changed)

    def sizeHint(self) -> QSize:
        """As tall as the words."""
        return QSize(super().sizeHint().width(), self._height())

    def minimumSizeHint(self) -> QSize:
        """As tall as the words, as narrow as it has to be."""
        return QSize(80, self._height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """What is around this scrolls, not this."""
        event.ignore()

    def _height(self) -> int:
        return math.ceil(self.document().size().height())

    def _on_size_changed(self) -> None:
        if self.height() != self._height():
            self.setFixedHeight(self._height())
