"""A recording that was asked about: its player, and the way to all of its words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.actions.listening import ListeningActions
from app.actions.transcripts import TranscriptActions
from app.state.session import Session
from app.views.stage.sound_bar import SoundBar
from app.views.theme import GRID
from app.words import tr


class SoundView(QWidget):
    """Follows the recording on the stage."""

    def __init__(
        self,
        session: Session,
        transcripts: TranscriptActions,
        listening: ListeningActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._transcripts = session, transcripts
        self.bar = SoundBar(session.listening, listening, self)
        self._offer = QLabel(tr("Every word of it, with times:"), self)
        self._offer.setProperty("role", "quiet")
        self.write = QPushButton(tr("Write it down"), self)
        self.write.clicked.connect(self._on_write)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addStretch(1)
        row.addWidget(self._offer)
        row.addWidget(self.write)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        column.addStretch(1)
        session.stage.recording_changed.connect(self._follow)
        session.conversation.running_changed.connect(self._follow)
        session.conversation.goes_on_changed.connect(self._follow)
        session.engine.hears_changed.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        self.bar.follow(self._session.stage.recording)
        self._offer.setVisible(self._session.engine.hears)
        self.write.setVisible(self._session.engine.hears)
        self.write.setEnabled(self._session.conversation.idle)

    def _on_write(self) -> None:
        recording = self._session.stage.recording
        if recording is not None:
            self._transcripts.write_files([recording])
