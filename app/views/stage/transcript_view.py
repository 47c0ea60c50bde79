"""The transcript's side of the stage: what is heard, what is said, and what else waits to be written down."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.actions.listening import ListeningActions
from app.actions.transcripts import TranscriptActions
from app.state.session import Session
from app.state.turn import Turn
from app.views import figures, theme
from app.views.elided_label import ElidedLabel
from app.views.models.progress_line import ProgressLine
from app.views.stage.sound_bar import SoundBar
from app.views.stage.transcript_list import TranscriptList
from app.views.stage.transcript_queue import TranscriptQueue
from app.views.theme import GRID
from app.views.transcript_words import state_of
from app.words import tr

TIMES_NOTE = tr("Times are per piece of up to 30 seconds; within a piece they are estimated.")
_TALL = 300


class TranscriptView(QWidget):
    """Follows the transcript on the stage.

    Attributes:
        list: its lines.
        search: the field for what is looked for.
    """

    def __init__(
        self, session: Session, actions: TranscriptActions, listening: ListeningActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._actions, self._listening = session, actions, listening
        self._turn: Turn | None = None
        self._bar = SoundBar(session.listening, listening, self)
        self.list = TranscriptList(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self._bar)
        column.addWidget(TranscriptQueue(session, actions, self))
        column.addLayout(self._find_row())
        column.addWidget(self.list, 1)
        column.addLayout(self._state_row())
        self._note = QLabel(TIMES_NOTE, self)
        self._note.setProperty("role", "quiet")
        self._note.setWordWrap(True)
        column.addWidget(self._note)
        self.list.play_wanted.connect(self._on_play_wanted)
        self.list.redo_wanted.connect(self._on_redo_wanted)
        self.list.edited.connect(self._on_edited)
        state = session.listening
        for changed in (state.position_changed, state.plays_changed, state.waits_changed, state.recording_changed):
            changed.connect(self._follow_listening)
        session.stage.written_changed.connect(self._on_written_changed)
        session.conversation.running_changed.connect(self._follow)
        self._on_written_changed(session.stage.written)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays and pauses wherever nothing is written."""
        if event.key() == Qt.Key.Key_Space:
            self._listening.toggle.trigger()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the lines have it."""
        self._note.setVisible(event.size().height() >= theme.scaled(_TALL))
        super().resizeEvent(event)

    def _find_row(self) -> QHBoxLayout:
        self.search = QLineEdit(self)
        self.search.setProperty("role", "field")
        self.search.setPlaceholderText(tr("Find in this transcript"))
        self.search.setAccessibleName(tr("Find in this transcript"))
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)
        self.search.textChanged.connect(self._on_words_changed)
        self.search.returnPressed.connect(self._on_next_wanted)
        self._found = QLabel(self)
        self._found.setProperty("role", "quiet")
        export = QPushButton(tr("Export…"), self)
        export.clicked.connect(self._actions.export.trigger)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.search, 1)
        row.addWidget(self._found)
        row.addWidget(export)
        return row

    def _state_row(self) -> QHBoxLayout:
        self._state = ElidedLabel(self)
        self._state.setProperty("role", "quiet")
        self._state.setAccessibleName(tr("How far the transcript is"))
        self._progress = ProgressLine(self)
        self._cancel = QPushButton(tr("Stop"), self)
        self._cancel.clicked.connect(self._on_cancel)
        self._go_on = QPushButton(tr("Go on"), self)
        self._go_on.clicked.connect(self._on_go_on)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._state)
        row.addWidget(self._progress, 1)
        row.addStretch(0)
        row.addWidget(self._cancel)
        row.addWidget(self._go_on)
        return row

    def _on_written_changed(self, turn: Turn | None) -> None:
        before, self._turn = self._turn, turn
        if before is not None and before.transcript is not None:
            for changed in (before.status_changed, before.transcript.end_changed):
                changed.disconnect(self._follow)
            before.transcript.redoing_changed.disconnect(self._follow)
        self.search.clear()
        self.list.show_transcript(None if turn is None else turn.transcript)
        if turn is not None and turn.transcript is not None:
            for changed in (turn.status_changed, turn.transcript.end_changed, turn.transcript.redoing_changed):
                changed.connect(self._follow)
        self._bar.follow(None if turn is None else turn.attachments[0])
        self._follow()
        self._follow_listening()

    def _follow(self, *_: object) -> None:
        turn = self._turn
        if turn is None or turn.transcript is None:
            return
        seconds = turn.attachments[0].seconds
        running = not turn.status.is_final
        self._state.setText(state_of(turn))
        self._progress.setVisible(running and seconds > 0)
        self._progress.show_share(min(turn.transcript.end / seconds, 1.0) if seconds else 0.0)
        self._cancel.setVisible(running)
        self._go_on.setVisible(self._actions.can_go_on(turn))
        self._follow_found()

    def _follow_listening(self, *_: object) -> None:
        turn, state = self._turn, self._session.listening
        if turn is None or turn.transcript is None:
            return
        heard = state.recording is turn.attachments[0] and bool(state.plays or state.waits or state.position)
        self.list.show_heard(turn.transcript.line_at(state.position) if heard else None)

    def _follow_found(self) -> None:
        transcript = None if self._turn is None else self._turn.transcript
        words = "" if transcript is None else transcript.words.strip()
        count = len(transcript.found) if transcript is not None and words else 0
        self._found.setText(figures.counted(count, tr("line"), tr("lines")) if words else "")

    def _on_words_changed(self, words: str) -> None:
        if self._turn is not None and self._turn.transcript is not None:
            self._turn.transcript.words = words
            if self._turn.transcript.found:
                self.list.show_line(self._turn.transcript.found[0])
        self._follow_found()

    def _on_next_wanted(self) -> None:
        found = [] if self._turn is None or self._turn.transcript is None else self._turn.transcript.found
        if found:
            at = self.list.current_line
            later = [line for line in found if at is None or line > at]
            self.list.show_line((later or found)[0])

    def _on_play_wanted(self, line: int) -> None:
        if self._turn is not None and self._turn.transcript is not None:
            self._listening.play(self._turn.attachments[0], self._turn.transcript.lines[line].start)

    def _on_redo_wanted(self, line: int) -> None:
        if self._turn is not None:
            self._actions.redo(self._turn, line)

    def _on_edited(self, line: int, words: str) -> None:
        if self._turn is not None:
            self._actions.edit(self._turn, line, words)

    def _on_cancel(self) -> None:
        if self._turn is not None:
            self._actions.cancel(self._turn)

    def _on_go_on(self) -> None:
        if self._turn is not None:
            self._actions.go_on(self._turn)
