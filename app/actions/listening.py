"""Listening to recordings, from any moment on."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from app.actions.action import Action
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.platform.player import Player
from app.state.attachments import Attachment
from app.state.notices import Notice
from app.state.session import Session
from app.words import tr
from mlx_gemma4.protocol.events import EngineFailed, Event, MediaHeard
from mlx_gemma4.protocol.requests import HearMedia

SUBJECT = "listening"
INTERVAL_MS = 50
"""How often the place that is heard is looked up."""


class ListeningActions:
    """Plays one recording at a time."""

    def __init__(self, session: Session, engine: EngineBridge, player: Player | None) -> None:
        """`player` None says why nothing can be heard."""
        self._session, self._engine, self._player = session, engine, player
        self._state = session.listening
        self._asked: dict[str, Attachment] = {}
        self._wanted = 0.0
        self._timer = QTimer(interval=INTERVAL_MS)
        self._timer.timeout.connect(self._on_interval)
        self.toggle = Action("listening.toggle", tr("Play"), self._toggle, "Ctrl+Shift+L")
        self.toggle.checked = False
        engine.event_received.connect(self._on_event)
        session.stage.written_changed.connect(self._update)
        session.stage.picture_changed.connect(self._update)
        session.stage.recording_changed.connect(self._update)
        session.stage.tab_changed.connect(self._update)
        session.conversation.cleared.connect(self._on_cleared)
        self._state.plays_changed.connect(self._update)
        self._update()

    def make_ready(self, recording: Attachment) -> None:
        """Have the sound decoded, so that its loudness can be shown and it plays at once."""
        if not recording.sound and recording not in self._asked.values() and self._engine.is_running:
            request = new_request_id("hear")
            self._asked[request] = recording
            self._engine.send(HearMedia(request, recording.path))

    def play(self, recording: Attachment, seconds: float) -> None:
        """Play from this moment on, as soon as the sound is there."""
        state = self._state
        state.recording, state.position, self._wanted = recording, seconds, seconds
        if self._player is None:
            text = tr("Nothing can be played here: install pulseaudio-utils.")
            self._session.notices.show(Notice("problem", text, SUBJECT))
        elif recording.sound:
            self._start()
        else:
            state.waits = True
            self.make_ready(recording)

    def seek(self, recording: Attachment, seconds: float) -> None:
        """Go to this moment; it plays on if it plays."""
        if self._state.plays and self._state.recording is recording:
            self.play(recording, seconds)
        else:
            self.pause()
            self._state.recording, self._state.position = recording, seconds

    def pause(self) -> None:
        """Be quiet, and stay at this moment."""
        self._state.waits = False
        if self._player is not None and self._state.plays:
            self._state.position = self._player.position
            self._player.stop()
        self._timer.stop()
        self._state.plays = False

    def close(self) -> None:
        """Be quiet for good."""
        self.pause()

    @property
    def _on_stage(self) -> Attachment | None:
        stage = self._session.stage
        if stage.tab == "transcript" and stage.written is not None:
            return stage.written.attachments[0]
        if stage.tab == "sound":
            return stage.recording
        return stage.picture if stage.picture is not None and stage.picture.is_heard else None

    def _toggle(self) -> None:
        state, recording = self._state, self._on_stage
        if state.plays or state.waits:
            self.pause()
        elif recording is not None:
            same = state.recording is recording
            ended = state.position >= recording.seconds - 0.05
            self.play(recording, state.position if same and not ended else 0.0)

    def _start(self) -> None:
        assert self._player is not None and self._state.recording is not None
        self._state.waits = False
        problem = self._player.play(self._state.recording.sound, self._wanted)
        if problem:
            self._session.notices.show(Notice("problem", problem, SUBJECT))
            return
        self._session.notices.dismiss(SUBJECT)
        self._state.plays = True
        self._timer.start()

    def _on_interval(self) -> None:
        assert self._player is not None
        if self._player.is_playing:
            self._state.position = self._player.position
        else:
            self._timer.stop()
            if self._state.recording is not None:
                self._state.position = self._state.recording.seconds
            self._state.plays = False

    def _on_event(self, event: Event) -> None:
        recording = self._asked.get(event.request_id)
        if recording is None:
            return
        if isinstance(event, MediaHeard):
            recording.sound = event.sound
            if recording.kind == "clip":  # whose pictures may go on
                recording.peaks = _stretched(event.peaks, event.seconds, recording.seconds)
            else:
                recording.seconds, recording.peaks = event.seconds, event.peaks
        elif isinstance(event, EngineFailed) and self._state.waits:
            text = f"{event.message} {event.hint}".strip().replace(recording.path, recording.name)
            self._session.notices.show(Notice("problem", text, SUBJECT))
        del self._asked[event.request_id]
        if self._state.waits and self._state.recording is recording:
            self._state.waits = False
            if recording.sound:
                self._start()

    def _on_cleared(self) -> None:
        self.pause()
        self._state.recording = None

    def _update(self, *_: object) -> None:
        self.toggle.enabled = self._on_stage is not None
        self.toggle.checked = self._state.plays


def _stretched(peaks: tuple[float, ...], heard: float, whole: float) -> tuple[float, ...]:
    """Those of a sound that lasts so many seconds, over the whole of a clip."""
    count = max(round(len(peaks) * whole / heard), 1) if heard else 1
    return (*peaks[:count], *(0.0,) * (count - len(peaks)))
