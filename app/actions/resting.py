"""Lets the engine go to sleep when nobody asks it anything."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.engine_status import EngineState
from app.state.preferences import Preferences
from app.state.session import Session
from mlx_gemma4.protocol.care import Unload

MINUTE_MS = 60_000


class Resting(QObject):
    """Unloads the model after so many minutes without a question; what is being written counts as one."""

    def __init__(self, session: Session, engine: EngineBridge, preferences: Preferences) -> None:
        super().__init__()
        self._session, self._engine, self._preferences = session, engine, preferences
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._rest)
        for signal in (
            session.engine.state_changed,
            session.engine.usage_changed,
            session.draft.text_changed,
            session.attachments.count_changed,
            preferences.idle_minutes_changed,
        ):
            signal.connect(self._on_something_done)
        self._on_something_done()

    def _on_something_done(self, *_: object) -> None:
        """Count from now, if there is a model to unload and nothing that it does."""
        self._timer.stop()
        if self._preferences.idle_minutes and self._holds_a_model:
            self._timer.start(self._preferences.idle_minutes * MINUTE_MS)

    def _rest(self) -> None:
        if self._holds_a_model:
            self._engine.send(Unload(new_request_id("unload")))

    @property
    def _holds_a_model(self) -> bool:
        """Whether there is memory to be had back; a server's model takes none here."""
        engine = self._session.engine
        return engine.state is EngineState.READY and not engine.host
