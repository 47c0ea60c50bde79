"""Under which licence the models are, with its text to read before anything is downloaded."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.platform.bundled import bundled
from app.views import theme
from app.words import tr

_TEXT = "licences/apache-2.0.txt"
_HEIGHT = 220
WORDS = tr("Gemma 4 is by Google, under the Apache License 2.0. By downloading a model you accept it.")


class Licence(QWidget):
    """One quiet line, and the whole text on request."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = QLabel(WORDS, self)
        words.setProperty("role", "quiet")
        words.setWordWrap(True)
        self.button = QPushButton(tr("Read it"), self)
        self.button.setProperty("role", "link")
        self.button.clicked.connect(self._on_clicked)
        self._text: QPlainTextEdit | None = None
        row = QHBoxLayout()
        row.addWidget(words, 1)
        row.addWidget(self.button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(row)

    def _on_clicked(self) -> None:
        if self._text is None:
            self._text = QPlainTextEdit(bundled(_TEXT).read_text(encoding="utf-8"), self)
            self._text.setReadOnly(True)
            self._text.setAccessibleName("Apache License 2.0")
            self._text.setFixedHeight(theme.scaled(_HEIGHT))
            self._column.addWidget(self._text)
            self.button.setText(tr("Hide it"))
        else:
            self._text.setParent(None)
            self._text = None
            self.button.setText(tr("Read it"))
