"""Asking, stopping, asking again, beginning anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from app.actions.action import Action
from app.actions.asking import Request, ask_for, request_of
from app.actions.engine import TOUR, EngineActions
from app.actions.tools.runner import ToolRunner
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.attachments import Attachment, AttachmentStatus
from app.state.conversation import title_of
from app.state.engine_status import EngineState
from app.state.session import Session
from app.state.turn import Turn, TurnStatus
from app.words import tr
from mlx_gemma4.protocol.parts import Message
from mlx_gemma4.protocol.requests import Ask

DEFAULT_QUESTIONS = {
    "picture": ("What is in this picture?", "What is in these pictures?"),
    "clip": ("What happens in this clip?", "What happens in these clips?"),
    "sound": ("What is said in this recording?", "What is said in these recordings?"),
    "document": ("What is in this document?", "What is in these documents?"),
}
DEFAULT_QUESTION_FOR_A_MIX = "What is in these files?"


class ConversationActions:
    """Acts on the conversation and on the engine that answers it."""

    def __init__(
        self,
        session: Session,
        engine: EngineBridge,
        engine_actions: EngineActions,
        *,
        urgent: bool = False,
        choose_file: Callable[[], str] | None = None,
    ) -> None:
        """Ask this engine; what is urgent goes out at once, also while the engine is busy with something else.

        `choose_file` asks the person for a file that a tool shall read; without it there are no tools.
        """
        self._session = session
        self._engine = engine
        self._engine_actions = engine_actions
        self._urgent = urgent
        self.tools = ToolRunner(session, engine, choose_file)
        self.tools.answered.connect(self._on_tools_answered)
        self._anyway = False
        self.new = Action("conversation.new", tr("New Conversation"), self.begin_new, "Ctrl+N")
        self.send = Action("conversation.send", tr("Send"), self._send, "Ctrl+Return", "Ctrl+Enter")
        self.send_anyway = Action("conversation.send_anyway", tr("Ask Anyway"), self._send_anyway)
        self.stop = Action("conversation.stop", tr("Stop"), self._stop, "Esc", "Ctrl+.")
        self.retry = Action("conversation.retry", tr("Ask Again"), self._retry_last, "Ctrl+R")
        self.go_on = Action("conversation.continue", tr("Continue Answer"), self._continue_last, "Ctrl+Shift+Return")
        self.copy_answer = Action("conversation.copy", tr("Copy Last Answer"), self._copy_last, "Ctrl+Shift+C")
        session.engine.state_changed.connect(self._on_engine_state_changed)
        session.conversation.running_changed.connect(self._update)
        session.conversation.goes_on_changed.connect(self._update)
        session.conversation.count_changed.connect(self._update)
        session.draft.text_changed.connect(self._update)
        session.attachments.count_changed.connect(self._update)
        session.attachments.usable_changed.connect(self._update)
        self._update()

    @property
    def default_question(self) -> str:
        """What is asked about files that come without words; empty without files."""
        items = self._session.attachments.items
        kinds = [item.kind for item in items if item.status is not AttachmentStatus.REFUSED]
        if not kinds:
            return ""
        if len(set(kinds)) > 1:
            return DEFAULT_QUESTION_FOR_A_MIX
        one, several = DEFAULT_QUESTIONS[kinds[0]]
        return one if len(kinds) == 1 else several

    def ask(self, question: str) -> None:
        """Ask this about the attached files; waits for the model if it is still loading."""
        session = self._session
        question = question.strip() or self.default_question
        if not session.conversation.idle or not question:
            return
        if not session.conversation.turns and session.attachments.items and question == self.default_question:
            session.conversation.title = title_of(Path(session.attachments.items[0].name).stem)
        turn = Turn(question, tuple(session.attachments.take_all()))
        turn.completes = not session.engine.chats
        self.begin(turn)

    def begin(self, turn: Turn) -> None:
        """Have a turn answered, at the end of the conversation if it is not in it yet; only while nothing else is."""
        conversation = self._session.conversation
        assert conversation.running is None
        if conversation.shows(turn):
            conversation.running = turn
        else:
            conversation.add(turn)
        self._start_answer(turn)

    def begin_new(self) -> None:
        """Put an empty conversation on the screen; an answer that is being given ends with what there is of it."""
        running = self._session.conversation.running
        if running is not None:
            if running.request_id:
                self._engine.stop(running.request_id)
            self._session.abandon(running)
        self._session.begin_new()

    def can_retry(self, turn: Turn) -> bool:
        """Whether this turn is on the screen, and nothing is being answered."""
        conversation = self._session.conversation
        return conversation.idle and conversation.shows(turn)

    def can_continue(self, turn: Turn) -> bool:
        """Whether this is the last turn, and its answer broke off."""
        last = self._session.conversation.turns[-1:] == [turn] and turn.page_ask is None and turn.transcript is None
        broken = turn.status is TurnStatus.STOPPED or turn.finish_reason == "max_tokens" or turn.error is not None
        begun = bool(turn.text.strip() or turn.thought.strip())
        return last and begun and not turn.calls and (broken or turn.completes) and self._session.conversation.idle

    def draft_request(self, files: tuple[Attachment, ...]) -> tuple[Ask, list[Attachment]]:
        """What would be asked if the question being written were sent with these files, and all files in it."""
        turn = Turn(self._session.draft.text.strip() or self.default_question, files)
        turn.completes = not self._session.engine.chats
        messages, taken = request_of(self._session, turn, in_full=self._asks_in_full)
        return self._ask_of(turn, messages), list(taken)

    def retry_turn(self, turn: Turn, *, anyway: bool = False) -> None:
        """Ask again: the answer so far stays beside the new one, unless there is no word of it.

        `anyway`: also if it does not fit into the memory that is free.
        """
        if not self.can_retry(turn):
            return
        self._anyway = anyway
        if turn.text or turn.calls or turn is not self._session.conversation.turns[-1]:
            self._branch(turn, turn.question)
            return
        turn.request_id = ""
        turn.restart()
        self._session.conversation.running = turn
        self._start_answer(turn)

    def edit_turn(self, turn: Turn, question: str) -> None:
        """Ask this in the place of a question; what was asked and answered before stays beside it."""
        question = question.strip()
        if question and question != turn.question and self.can_retry(turn):
            self._branch(turn, question)

    def continue_turn(self, turn: Turn) -> None:
        """Have the model go on with the answer itself where it broke off."""
        if self.can_continue(turn):
            self._session.conversation.resume(turn)
            self._start_answer(turn)

    def choose(self, turn: Turn) -> None:
        """Show this version of a question, with what followed it."""
        if self._session.conversation.idle:
            self._session.conversation.choose(turn)

    def _branch(self, beside: Turn, question: str) -> None:
        turn = beside.again(question)
        beside.repeated.emit(turn)
        self._session.conversation.branch(beside, turn)
        self._start_answer(turn)

    def copy_turn(self, turn: Turn) -> None:
        """Put an answer on the clipboard, exactly as the model wrote it."""
        QGuiApplication.clipboard().setText(turn.text)

    def _start_answer(self, turn: Turn) -> None:
        turn.files = self._request(turn)[1]
        if turn.transcript is not None:
            self._session.stage.show_transcript(turn)
        elif turn.page_ask is not None or any(item.is_seen for item in turn.attachments):
            self._session.stage.show(turn)
        elif turn.attachments:
            self._session.stage.show_recording(turn.attachments[0])
        self._hand_over()

    def _hand_over(self) -> None:
        """Send the waiting question now or once there is an engine that takes it."""
        self._engine_actions.be_ready()
        self._submit()

    def _on_tools_answered(self, turn: Turn) -> None:
        """The same answer goes on, with what the tools gave."""
        turn.request_id, turn.resuming = "", False
        turn.progress = 0.0
        turn.status = TurnStatus.WAITING
        self._hand_over()

    def _submit(self) -> None:
        """Send the waiting question, if there is one and a model to answer it."""
        turn, engine = self._session.conversation.running, self._session.engine
        is_free = engine.can_answer if self._urgent else engine.state is EngineState.READY
        if turn is None or turn.request_id or not is_free:
            return
        if not (turn.text or turn.thought):
            turn.completes = not engine.chats and turn.page_ask is None and turn.transcript is None
        messages, turn.files = self._request(turn)
        turn.request_id = new_request_id("quick" if self._urgent else "ask")
        if not self._urgent:
            engine.ask_id, engine.state = turn.request_id, EngineState.BUSY
        if turn.transcript is not None:
            self._engine.send(turn.transcript.rest(turn.request_id, turn.attachments[0].path))
            return
        self._engine.send(replace(self._ask_of(turn, messages), anyway=self._anyway))
        self._anyway = False

    def _ask_of(self, turn: Turn, messages: tuple[Message, ...]) -> Ask:
        """The request for a turn's answer."""
        tools = () if turn.resuming or turn.completes else self.tools.offered(turn)
        return ask_for(self._session, turn, messages, tools, in_full=self._asks_in_full, urgent=self._urgent)

    @property
    def _asks_in_full(self) -> bool:
        """Whether the model understands more than the tour model's short requests, and writes longer pages."""
        return self._session.engine.model_path != TOUR

    def _request(self, turn: Turn) -> Request:
        return request_of(self._session, turn, in_full=self._asks_in_full)

    def _send_anyway(self) -> None:
        """Also if it does not fit into the memory that is free."""
        self._anyway = self.send.enabled
        self.send.trigger()

    def _send(self) -> None:
        draft = self._session.draft
        text, draft.text = draft.text, ""
        self.ask(text)

    def _stop(self) -> None:
        turn = self._session.conversation.running
        self._session.conversation.goes_on = False
        if turn is None:
            return
        if turn.request_id and turn.status is not TurnStatus.CALLING:
            turn.status = TurnStatus.STOPPING
            self._engine.stop(turn.request_id)
        else:
            self._session.abandon(turn)

    def _retry_last(self) -> None:
        if self._session.conversation.turns:
            self.retry_turn(self._session.conversation.turns[-1])

    def _continue_last(self) -> None:
        if self._session.conversation.turns:
            self.continue_turn(self._session.conversation.turns[-1])

    def _copy_last(self) -> None:
        if self._session.conversation.turns:
            self.copy_turn(self._session.conversation.turns[-1])

    def _on_engine_state_changed(self, state: EngineState) -> None:
        if state in (EngineState.READY, EngineState.BUSY):
            self._submit()

    def _update(self, *_: object) -> None:
        conversation, attachments = self._session.conversation, self._session.attachments
        idle = conversation.idle
        self.send.enabled = idle and bool(self._session.draft.text.strip() or attachments.usable)
        self.stop.enabled = not idle
        self.new.enabled = bool(conversation.count or attachments.count or self._session.draft.text)
        self.go_on.enabled = any(self.can_continue(turn) for turn in conversation.turns[-1:])
        self.retry.enabled = self.copy_answer.enabled = idle and conversation.count > 0
