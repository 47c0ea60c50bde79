"""Asks the model where logos and photos are on a screenshot, beside the conversation."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.actions.engine import TOUR
from app.actions.page_bench import PageBench
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.page.assets import has_placeholders
from app.state.engine_status import EngineState
from app.state.page import PageProject, PageVersion, VersionStatus
from app.state.session import Session
from app.state.turn import Turn
from app.words import tr
from mlx_gemma4.protocol.events import BoxFound, EngineFailed, Event, TurnFinished
from mlx_gemma4.protocol.page_requests import page_budget
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask

FIND_PICTURES = "Detect all logos and photos."
FIND_PICTURES_FOR_TOUR = "Detect all pictures."
MOST_PICTURES = 40
LOOKING = tr("Looking for logos and photos…")


class PictureFinder(QObject):
    """Puts `pictures` on projects, and has the versions measured anew that were made before they were known.

    A screenshot is asked about once, as soon as a version of its page has room for pictures. The engine answers one
    question at a time: what the person asks goes first, and this is asked again afterwards.

    Signal `found(PageProject)`: the answer is over.
    """

    found = Signal(object)

    def __init__(self, session: Session, engine: EngineBridge, bench: PageBench) -> None:
        super().__init__()
        self._bench = bench
        self._session = session
        self._engine = engine
        self._waiting: list[PageProject] = []
        self._asked: PageProject | None = None
        self._request_id = ""
        self._boxes: list[tuple[int, int, int, int]] = []
        self._known: set[PageProject] = set()
        bench.measured.connect(self._on_measured)
        engine.event_received.connect(self._on_event_received)
        session.engine.state_changed.connect(self._on_engine_state_changed)
        session.conversation.running_changed.connect(self._on_running_changed)

    def is_asking(self, project: PageProject) -> bool:
        """Whether `found` is still to come for this project."""
        return project is self._asked or project in self._waiting

    def forget_all(self) -> None:
        """Nobody waits for an answer any more."""
        if self._asked is not None:
            self._engine.stop(self._request_id)
        self._waiting.clear()
        self._known.clear()
        self._let_go()

    def _on_measured(self, project: PageProject, version: PageVersion) -> None:
        if project in self._known or version.status is not VersionStatus.READY:
            return
        if has_placeholders(version.safe_html):
            self._known.add(project)
            self._waiting.append(project)
            self._ask_next()

    def _ask_next(self) -> None:
        session = self._session
        if not self._waiting or self._asked is not None or session.engine.state is not EngineState.READY:
            return
        if session.conversation.running is not None:
            return
        self._asked, self._boxes = self._waiting.pop(0), []
        in_full = session.engine.model_path != TOUR
        screenshot = ImagePart(self._asked.screenshot.path, page_budget(in_full=in_full))
        words = TextPart(FIND_PICTURES if in_full else FIND_PICTURES_FOR_TOUR)
        message = Message("user", (screenshot, words))
        self._request_id = session.engine.ask_id = new_request_id("ask")
        session.engine.errand = LOOKING
        session.engine.state = EngineState.BUSY
        self._engine.send(Ask(self._request_id, (message,), GREEDY))

    def _on_event_received(self, event: Event) -> None:
        if self._asked is None or event.request_id != self._request_id:
            return
        if isinstance(event, BoxFound) and len(self._boxes) < MOST_PICTURES:
            self._boxes.append(event.box)
        elif isinstance(event, TurnFinished) and event.reason == "stopped":
            self._waiting.insert(0, self._asked)
            self._let_go()
        elif isinstance(event, TurnFinished | EngineFailed):
            self._end(whole=isinstance(event, TurnFinished))

    def _on_running_changed(self, turn: Turn | None) -> None:
        if turn is not None and self._asked is not None:
            self._engine.stop(self._request_id)

    def _on_engine_state_changed(self, state: EngineState) -> None:
        if state is EngineState.STARTING and self._asked is not None:
            self._end(whole=False)
        elif state is EngineState.READY:
            self._ask_next()
        elif state in (EngineState.FAILED, EngineState.GONE):
            self._give_up()

    def _give_up(self) -> None:
        """There is no engine that would answer."""
        waiting, self._waiting = self._waiting, []
        for project in waiting:
            self._known.discard(project)
            self.found.emit(project)

    def _end(self, *, whole: bool) -> None:
        project = self._asked
        assert project is not None
        self._let_go()
        if not whole:
            self._known.discard(project)
        elif self._boxes:
            project.pictures = tuple(dict.fromkeys(self._boxes))
            for version in project.versions:
                if version.html and version.status is not VersionStatus.WRITING:
                    self._bench.measure(project, version)
        self.found.emit(project)
        self._ask_next()

    def _let_go(self) -> None:
        self._asked, self._request_id = None, ""
        self._session.engine.errand = ""
