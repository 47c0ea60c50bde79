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
        engine.event_received.connect(session.apply)
        engine.engine_exited.connect(self._on_exited)

    def start(self) -> None:
        """Start the engine and let it load the model; does not wait."""
        status = self._session.engine
        status.state = EngineState.STARTING
        status.load_id = new_request_id("load")
        self._engine.start()
        self._engine.send(Load(status.load_id, self._model))

    @property
    def model(self) -> str:
        """The folder that is used, or the bundled model's name."""
        return self._model

    def use(self, model: str, *, anyway: bool = False) -> None:
        """Load another model in the place of the present one, starting the engine if it has ended.

        Args:
            model: a folder, or the bundled one.
            anyway: also if it does not fit into the memory that is free.
        """
        self._model = model
        if not self._engine.is_running:
            self.start_again()
            return
        self._session.engine.load_id = new_request_id("load")
        self._engine.send(Load(self._session.engine.load_id, model, anyway))

    def keep(self, model: str) -> None:
        """Another was not loaded after all: this one is, and would be again."""
        self._model = model

    def start_again(self) -> None:
        """End what is left of the engine and start another, which looks at all files afresh."""
        self._session.notices.dismiss(ENGINE_SUBJECT)
        running = self._session.conversation.running
        if running is not None and running.request_id:
            self._session.abandon(running)
        self._engine.close()
        self.start()
        for attachment in list(self._session.all_attachments()):
            if attachment.status is not AttachmentStatus.REFUSED:
                self.probe(attachment)

    def probe(self, attachment: Attachment) -> None:
        """Have a file looked at."""
        attachment.request_id = new_request_id("probe")
        self._engine.send(ProbeMedia(attachment.request_id, attachment.path))

    def forget(self, attachment: Attachment) -> None:
        """Stop looking at a file that nobody wants any more."""
        if attachment.status is AttachmentStatus.PROBING:
            self._engine.stop(attachment.request_id)

    def _on_exited(self, _code: int) -> None:
        self._session.engine_exited()
