"""What the model thought before it answered, folded to one line."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.state.turn import Turn
from app.views import theme
from app.views.streamed_text import StreamedText
from app.views.theme import Type, type_font
from app.words import tr


class ThoughtLine(QWidget):
    """Takes no room while there is no thought."""

    def __init__(self, turn: Turn, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown = 0
        self._button = QPushButton(tr("Thoughts"), self)
        self._button.setProperty("role", "link")
        self._button.setCheckable(True)
        self._words = StreamedText(type_font(Type.CONTROL), tr("Thoughts"), self)
        self._words.hide()
        self._button.toggled.connect(self._words.setVisible)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self._button)
        column.addWidget(self._words)
        turn.thought_changed.connect(self._on_thought_changed)
        self._on_thought_changed(turn.thought)

    def _on_thought_changed(self, thought: str) -> None:
        if len(thought) < self._shown:
            self._words.flush()
            self._words.clear()
            self._shown = 0
        self._words.append_text(thought[self._shown :])
        self._shown = len(thought)
        self.setVisible(bool(thought))
