"""The recordings of a conversation that are written down, one after the other: how far each is, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.actions.transcripts import TranscriptActions
from app.state.session import Session
from app.state.turn import Turn
from app.views import theme
from app.views.elided_label import ElidedLabel
from app.views.icon_button import IconButton
from app.views.models.progress_line import ProgressLine
from app.views.transcript_words import state_of
from app.words import tr

_LEAST_NAME, _PROGRESS = 64, 64


class TranscriptQueue(QFrame):
    """A row for each, where there are several."""

    def __init__(self, session: Session, actions: TranscriptActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self._rows: list[QueueRow] = []
        self.setProperty("role", "card")
        self.setAccessibleName(tr("Recordings"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.GRID // 2, theme.GRID // 2, theme.GRID // 2, theme.GRID // 2)
        self._column.setSpacing(0)
        conversation = session.conversation
        for changed in (conversation.count_changed, conversation.path_changed, session.stage.written_changed):
            changed.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        turns = [turn for turn in self._session.conversation.turns if turn.transcript is not None]
        if [row.turn for row in self._rows] != turns:
            for row in self._rows:
                self._column.removeWidget(row)
                row.hide()
                row.deleteLater()
            self._rows = [QueueRow(turn, self._session, self._actions, self) for turn in turns]
            for row in self._rows:
                self._column.addWidget(row)
        for row in self._rows:
            row.mark(row.turn is self._session.stage.written)
        self.setVisible(len(turns) > 1)


class QueueRow(QFrame):
    """One recording; a click shows its transcript."""

    def __init__(self, turn: Turn, session: Session, actions: TranscriptActions, parent: QWidget) -> None:
        super().__init__(parent)
        self.turn = turn
        self._session, self._actions = session, actions
        assert turn.transcript is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name = ElidedLabel(self)
        self._name.setText(turn.attachments[0].name)
        self._name.setMinimumWidth(theme.scaled(_LEAST_NAME))
        self._name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._progress = ProgressLine(self)
        self._progress.setFixedWidth(theme.scaled(_PROGRESS))
        self._state = ElidedLabel(self)
        self._state.setProperty("role", "quiet")
        self._button = IconButton("close", tr("Leave out"), self)
        self._button.clicked.connect(self._on_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GRID, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(self._name, 1)
        row.addWidget(self._state)
        row.addWidget(self._progress)
        row.addWidget(self._button)
        for changed in (turn.status_changed, turn.transcript.end_changed, turn.transcript.redoing_changed):
            changed.connect(self._follow)
        session.conversation.running_changed.connect(self._follow)
        self._follow()

    def mark(self, shown: bool) -> None:
        """Whether this one's transcript is the one below."""
        font = theme.type_font(theme.Type.CONTROL, bold=shown)
        self._name.setFont(font)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show it."""
        self._session.stage.show_transcript(self.turn)

    def _follow(self, *_: object) -> None:
        turn, transcript = self.turn, self.turn.transcript
        assert transcript is not None
        seconds = turn.attachments[0].seconds
        running = not turn.status.is_final
        again = self._actions.can_go_on(turn)
        self._state.setText(state_of(turn))
        self._progress.show_share(min(transcript.end / seconds, 1.0) if seconds else 0.0, waits=not running)
        self._progress.setVisible(running or again)
        self._button.setVisible(running or again)
        self._button.set_icon("retry" if again else "close")
        self._button.set_title(tr("Try again") if again else tr("Leave out"))

    def _on_clicked(self) -> None:
        if self._actions.can_go_on(self.turn):
            self._actions.go_on(self.turn)
        else:
            self._actions.cancel(self.turn)
