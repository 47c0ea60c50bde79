"""What stands above code: the name of its language, and a button that copies it."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.state.answer_blocks import AnswerBlock
from app.views import theme
from app.views.conversation.page_code import without_fences
from app.views.icon_button import IconButton
from app.words import tr


class CodeHead(QWidget):
    """Lies over the room that the first line leaves above itself."""

    def __init__(self, language: str, block: AnswerBlock, parent: QWidget) -> None:
        super().__init__(parent)
        self._block = block
        name = QLabel(language or tr("Code"), self)
        name.setProperty("role", "quiet")
        copy = IconButton("copy", tr("Copy code"), self)
        copy.clicked.connect(self._on_copy)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.INSET, 2, 2, 0)
        row.addWidget(name)
        row.addStretch(1)
        row.addWidget(copy)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(without_fences(self._block.text))
