"""Starting the engine, again if need be."""

from __future__ import annotations

from collections.abc import Callable

from app.actions.action import Action
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.attachments import Attachment, AttachmentStatus
from app.state.engine_status import EngineState
from app.state.session import ENGINE_SUBJECT, RESTART_ENGINE, Session
from app.state.turn import TurnStatus
from app.words import tr
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.requests import Load, ProbeMedia
from mlx_gemma4.protocol.server_address import split_remote_path

TOUR = "tour"


class EngineActions:
    """What concerns the engine as a whole.

    Attributes:
        load_remote: has a server's model loaded: the request's id and the model's path.
            drafter, packing = self.drafter_of(self._model), self.kv_packing()
            self._engine.send(Load(self._status.load_id, self._model, anyway, drafter, kv_packing=packing))
    """

    def __init__(self, session: Session, engine: EngineBridge, model: str = TOUR) -> None:
        """Use this model: a folder, or the bundled one."""
        self._sessions = [session]
        self._status = session.engine
        self._engine = engine
        self._model = model
        self.load_remote: Callable[[str, str], None] = lambda load_id, path: None
        self.drafter_of: Callable[[str], str] = lambda path: ""
        self.kv_packing: Callable[[], KVPacking | None] = lambda: None
        self.restart = Action(RESTART_ENGINE, tr("Restart Engine"), self.start_again)
        self._asleep: list[Attachment] = []  # to be looked at once there is an engine
        engine.event_received.connect(session.apply)
        engine.engine_exited.connect(self._on_exited)

    def share_with(self, session: Session) -> None:
        """Let another session hear what the engine says."""
        self._sessions.append(session)
        self._engine.event_received.connect(session.apply)

    def start(self) -> None:
        """Start the engine, let it load the model and look at the files that are there already; does not wait."""
        status = self._status
        status.state = EngineState.STARTING
        status.load_id = new_request_id("load")
        self._engine.start()
        self._load()
        for session in self._sessions:
            for attachment in list(session.all_attachments()):
                if attachment.status is not AttachmentStatus.REFUSED and not attachment.sleeps:
                    self.probe(attachment)
        asleep, self._asleep = self._asleep, []
        for attachment in asleep:
            self.wake(attachment)

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
        self._status.load_id = new_request_id("load")
        self._load(anyway=anyway)

    def be_ready(self) -> None:
        """Somebody is about to ask: bring back an engine that has ended, or a model that was put to sleep."""
        if self._status.state in (EngineState.GONE, EngineState.FAILED):
            self.start_again()
        elif self._status.state is EngineState.UNLOADED:
            self.use(self._model)

    def keep(self, model: str) -> None:
        """Another was not loaded after all: this one is, and would be again."""
        self._model = model

    def start_again(self) -> None:
        """End what is left of the engine and start another, which looks at all files afresh."""
        for session in self._sessions:
            session.notices.dismiss(ENGINE_SUBJECT)
            running = session.conversation.running
            if running is not None and running.request_id and running.status is not TurnStatus.CALLING:
                session.abandon(running)
        self._engine.close()
        self.start()

    def probe(self, attachment: Attachment) -> None:
        """Have a file looked at; without an engine, the next one will."""
        attachment.request_id = new_request_id("probe")
        self._engine.send(ProbeMedia(attachment.request_id, attachment.path, attachment.budget or None))

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

    def _load(self, *, anyway: bool = False) -> None:
        """Have the model loaded, wherever it is; a server's needs no room."""
        if split_remote_path(self._model) is None:
            drafter, packing = self.drafter_of(self._model), self.kv_packing()
            self._engine.send(Load(self._status.load_id, self._model, anyway, drafter, kv_packing=packing))
        else:
            self.load_remote(self._status.load_id, self._model)

    def _on_exited(self, _code: int) -> None:
        for session in self._sessions:
            session.engine_exited()
