"""A transcript in the conversation: its first words, how far it is, and the way to all of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.state.stage import Stage
from app.state.turn import Turn
from app.views import theme
from app.views.flow_layout import FlowLayout
from app.views.transcript_words import state_of
from app.words import tr

_LINES, _LETTERS = 6, 420


class TranscriptCard(QFrame):
    """Follows a turn that writes a recording down."""

    def __init__(self, turn: Turn, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._stage = turn, stage
        assert turn.transcript is not None
        self.setProperty("role", "card")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._words = QLabel(self)
        self._words.setProperty("role", "conversation")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._words.setSizePolicy(policy)  # else a word that is wider than the card costs lines of the others
        self._words.setAccessibleName(tr("Beginning of the transcript"))
        self._state = QLabel(self)
        self._state.setProperty("role", "quiet")
        self._open = QPushButton(tr("Show transcript"), self)
        self._open.setProperty("role", "link")
        self._open.clicked.connect(self._show)
        below = QWidget(self)
        flow = FlowLayout(below, spacing=theme.GRID, last_at_end=True)
        flow.addWidget(self._state)
        flow.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.INSET, theme.INSET, theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addWidget(self._words)
        column.addWidget(below)
        transcript = turn.transcript
        for changed in (transcript.line_added, transcript.line_changed):
            changed.connect(self._on_line)
        for changed in (transcript.changed, transcript.end_changed, transcript.redoing_changed, turn.status_changed):
            changed.connect(self._follow)
        self._follow()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show all of it."""
        self._show()

    def _on_line(self, number: int) -> None:
        if number < _LINES:
            self._follow()

    def _follow(self, *_: object) -> None:
        transcript = self._turn.transcript
        assert transcript is not None
        words = " ".join(line.text for line in transcript.lines[:_LINES])
        more = len(transcript.lines) > _LINES or len(words) > _LETTERS
        self._words.setText(f"{words[:_LETTERS].rstrip()} …" if more else words)
        self._words.setVisible(bool(words))
        self._state.setText(state_of(self._turn))

    def _show(self) -> None:
        self._stage.show_transcript(self._turn)
