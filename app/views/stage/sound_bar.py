"""A recording's player: play and pause, how loud it is with the place that is heard, and the time."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.actions.listening import ListeningActions
from app.state.attachments import Attachment
from app.state.clock import clock
from app.state.listening import Listening
from app.views import figures
from app.views.icon_button import IconButton
from app.views.stage.waveform import Waveform
from app.views.theme import GRID
from app.words import tr


class SoundBar(QWidget):
    """Follows a recording, or a clip's sound, and what is listened to.

    Attributes:
        waveform: of the recording.
    """

    def __init__(self, listening: Listening, actions: ListeningActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._actions = listening, actions
        self._recording: Attachment | None = None
        self.waveform = Waveform(self)
        self.waveform.sought.connect(self._on_sought)
        self._play = IconButton("play", tr("Play"), self, primary=True)
        self._play.clicked.connect(actions.toggle.trigger)
        self._time = QLabel(self)
        self._time.setProperty("role", "quiet")
        self._time.setAccessibleName(tr("Place in the recording"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID + GRID // 2)
        row.addWidget(self._play)
        row.addWidget(self.waveform, 1)
        row.addWidget(self._time)
        for changed in (
            *(listening.position_changed, listening.plays_changed, listening.waits_changed),
            listening.recording_changed,
        ):
            changed.connect(self._follow)

    def follow(self, recording: Attachment | None) -> None:
        """Show and play this one from now on."""
        if recording is self._recording:
            return
        if self._recording is not None:
            for changed in (self._recording.peaks_changed, self._recording.seconds_changed):
                changed.disconnect(self._on_sound_changed)
        self._recording = recording
        if recording is not None:
            for changed in (recording.peaks_changed, recording.seconds_changed):
                changed.connect(self._on_sound_changed)
            QTimer.singleShot(0, self, self._make_ready)  # the window comes first
        self._on_sound_changed()

    def _make_ready(self) -> None:
        if self._recording is not None:
            self._actions.make_ready(self._recording)

    def _on_sound_changed(self, *_: object) -> None:
        if self._recording is not None:
            self.waveform.show_sound(self._recording.peaks, self._recording.seconds)
        self._follow()

    def _follow(self, *_: object) -> None:
        recording, state = self._recording, self._state
        if recording is None:
            return
        mine = state.recording is recording
        plays = mine and (state.plays or state.waits)
        position = state.position if mine else 0.0
        self.waveform.show_position(position)
        self._play.set_icon("pause" if plays else "play")
        self._play.set_title(tr("Pause") if plays else tr("Play"))
        self._time.setText(f"{clock(position)} / {figures.duration(recording.seconds)}")

    def _on_sought(self, seconds: float) -> None:
        if self._recording is not None:
            self._actions.seek(self._recording, seconds)
