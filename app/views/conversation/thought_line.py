"""What the model thought before it answered, folded to one line that says how long."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.state.turn import Turn
from app.views import theme
from app.views.streamed_text import StreamedText
from app.views.theme import Type, type_font
from app.words import tr

_TICK_MS = 500


class ThoughtLine(QWidget):
    """Takes no room while there is no thought; opened, it shows the thought as it comes."""

    def __init__(self, turn: Turn, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn = turn
        self._shown = 0
        self._button = QPushButton(self)
        self._button.setProperty("role", "quiet-link")
        self._button.setCheckable(True)
        self._words = StreamedText(type_font(Type.CONTROL), tr("Thoughts"), self)
        self._words.setProperty("role", "thought")
        self._words.hide()
        self._button.toggled.connect(self._on_toggled)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._words)
        turn.thought_changed.connect(self._on_thought_changed)
        turn.thought_seconds_changed.connect(self._follow)
        turn.status_changed.connect(self._follow)
        self._on_thought_changed(turn.thought)

    def _on_thought_changed(self, thought: str) -> None:
        if len(thought) < self._shown:
            self._words.flush()
            self._words.clear()
            self._shown = 0
        self._words.append_text(thought[self._shown :])
        self._shown = len(thought)
        self.setVisible(bool(thought))
        self._follow()

    def _on_toggled(self, _open: bool) -> None:
        self._words.setVisible(self._button.isChecked())
        self._follow()

    def _follow(self, *_: object) -> None:
        thinks = self._turn.thinking_since is not None and not self._turn.status.is_final
        if thinks != self._tick.isActive():
            self._tick.start() if thinks else self._tick.stop()
        sign = "▾" if self._button.isChecked() else "▸"
        self._button.setText(f"{sign} {self._said(thinks)}")

    def _said(self, thinks: bool) -> str:
        if thinks and self._turn.thinking_since is not None:
            seconds = time.monotonic() - self._turn.thinking_since
            return tr("Thinking for {seconds:.0f} s…", seconds=seconds) if seconds >= 1 else tr("Thinking…")
        seconds = self._turn.thought_seconds
        if seconds >= 1:
            return tr("Thought for {seconds:.0f} s", seconds=seconds)
        return tr("Thought for a moment") if seconds else tr("Thoughts")
