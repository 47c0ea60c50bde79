"""Starting the engine, again if need be."""

from __future__ import annotations

from app.actions.action import Action
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.attachments import Attachment, AttachmentStatus
from app.state.engine_status import EngineState
from app.state.session import ENGINE_SUBJECT, RESTART_ENGINE, Session
from mlx_gemma4.protocol.requests import Load, ProbeMedia

TOUR = "tour"


class EngineActions:
    """What concerns the engine as a whole."""

    def __init__(self, session: Session, engine: EngineBridge, model: str = TOUR) -> None:
        """Use this model: a folder, or the bundled one."""
        self._session = session
        self._engine = engine
        self._model = model
        self.restart = Action(RESTART_ENGINE, "Restart Engine", self.start_again)
        self._asleep: list[Attachment] = []  # to be looked at once there is an engine
        engine.event_received.connect(session.apply)
        engine.engine_exited.connect(self._on_exited)

    def start(self) -> None:
        """Start the engine and let it load the model; does not wait."""
        status = self._session.engine
        status.state = EngineState.STARTING
        status.load_id = new_request_id("load")
        self._engine.start()
        self._engine.send(Load(status.load_id, self._model))
        asleep, self._asleep = self._asleep, []
        for attachment in asleep:
            self.wake(attachment)

    def start_again(self) -> None:
        """End what is left of the engine and start another, which looks at all files afresh."""
        self._session.notices.dismiss(ENGINE_SUBJECT)
        running = self._session.conversation.running
        if running is not None and running.request_id:
            self._session.abandon(running)
        self._engine.close()
        self.start()
        for attachment in list(self._session.all_attachments()):
            if attachment.status is not AttachmentStatus.REFUSED and not attachment.sleeps:
                self.probe(attachment)

    def probe(self, attachment: Attachment) -> None:
        """Have a file looked at."""
        attachment.request_id = new_request_id("probe")
        self._engine.send(ProbeMedia(attachment.request_id, attachment.path))

    def wake(self, attachment: Attachment) -> None:
        """Have a file looked at that was kept from another day, now that somebody will see it."""
        if not attachment.sleeps:
            return
        if self._engine.is_running:
            self.probe(attachment)
        elif attachment not in self._asleep:
            self._asleep.append(attachment)

    def forget(self, attachment: Attachment) -> None:
        """Stop looking at a file that nobody wants any more."""
        if attachment.status is AttachmentStatus.PROBING:
            self._engine.stop(attachment.request_id)

    def _on_exited(self, _code: int) -> None:
        self._session.engine_exited()
