"""Calls of tools from request to answer: the person is asked, the tool runs, and the model goes on with its turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal

from app.actions.engine import TOUR
from app.actions.tools.arguments import checked
from app.actions.tools.bench import Bench, Result, failure, here
from app.actions.tools.calculator import calculate
from app.actions.tools.clock import tell_time
from app.actions.tools.declared import BUILT_IN, CALCULATOR, CLOCK, LOOK_CLOSER, READ_FILE, BuiltIn, built_in
from app.actions.tools.failure import ToolError
from app.actions.tools.pictures import look_closer, read_file
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.session import Session
from app.state.tools import CallStatus, ToolCall
from app.state.turn import Turn, TurnError, TurnStatus
from app.words import tr
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.parts import Tool

MOST_ROUNDS = 8
"""How often a model may wait for tools in one answer."""
MOST_CALLS = 8
"""Of one round."""
REFUSED = "The person did not allow this call."
NOT_PICKED = "The person did not pick a file."


class ToolRunner(QObject):
    """Answers the calls of one conversation.

    Signals:
        answered: every call of this turn has its answer; the model shall go on.
        asked: this call waits for the person, before any others that do; None once none does any more.
    """

    answered = Signal(object)
    asked = Signal(object)

    def __init__(self, session: Session, engine: EngineBridge, choose_file: Callable[[], str] | None) -> None:
        """`choose_file` asks the person for a file, empty for none; without it no tools are offered."""
        super().__init__()
        self._session = session
        self._choose_file = choose_file
        self._bench = Bench(engine)
        self._picked: dict[str, Path] = {}  # files of this conversation that were read, by their names
        self._turn: Turn | None = None
        session.conversation.running_changed.connect(self._on_running_changed)
        session.conversation.cleared.connect(self._picked.clear)

    @property
    def on(self) -> frozenset[str]:
        """Names of the tools that the model may call in this conversation."""
        chosen = self._session.conversation.tools.on
        return self.usual if chosen is None else chosen

    @property
    def usual(self) -> frozenset[str]:
        """What a model has that nobody has chosen tools for: the bundled one cannot call, servers may refuse it."""
        path = self._session.engine.model_path
        suits = path != TOUR and "://" not in path and self._session.engine.chats
        return frozenset(tool.name for tool in BUILT_IN) if suits and path else frozenset()

    def switch(self, name: str, on: bool) -> None:
        """Offer a tool in this conversation, or not."""
        conversation = self._session.conversation
        conversation.tools = replace(conversation.tools, on=self.on | {name} if on else self.on - {name})

    def offered(self, turn: Turn) -> tuple[Tool, ...]:
        """What the model is told of for its next words."""
        if self._choose_file is None or turn.page_ask is not None or len(turn.rounds) >= MOST_ROUNDS:
            return ()
        if turn.completes:  # a base model only goes on with texts
            return ()
        sees = self._session.engine.sees
        return tuple(tool.tool for tool in BUILT_IN if tool.name in self.on and (sees or not tool.sees))

    def waiting(self) -> list[ToolCall]:
        """Calls that the person is asked about, oldest first."""
        turn = self._session.conversation.running
        calls = turn.open_calls if turn is not None and turn.status is TurnStatus.CALLING else []
        return [call for call in calls if call.status is CallStatus.ASKING]

    def can_answer(self, turn: Turn) -> bool:
        """Whether what its calls are answered can reach the model: now, or because it is the last that was said."""
        conversation = self._session.conversation
        if turn.status is TurnStatus.CALLING:
            return conversation.running is turn
        return turn.status.is_final and conversation.idle and conversation.turns[-1:] == [turn]

    def allow(self, turn: Turn, call: ToolCall, *, always: bool = False) -> None:
        """Run it; `always` runs this tool without asking from now on, in this conversation."""
        if not self._take_up(turn, call):
            return
        if always:
            conversation = self._session.conversation
            conversation.tools = replace(conversation.tools, allowed=conversation.tools.allowed | {call.name})
        self._run(turn, call)
        if always:
            for other in self.waiting():
                if other.name == call.name:
                    self._run(turn, other)

    def refuse(self, turn: Turn, call: ToolCall) -> None:
        """Do not run it; the model is told so, and goes on."""
        if self._take_up(turn, call):
            self._settle(turn, call, CallStatus.REFUSED, Result({"error": REFUSED}))
            self._ask_for_next(turn)

    def refuse_first(self) -> None:
        """The same for the call that has been waiting longest."""
        turn = self._session.conversation.running
        for call in self.waiting()[:1]:
            assert turn is not None
            self.refuse(turn, call)

    def picks(self, call: ToolCall) -> bool:
        """Whether allowing it asks the person for a file, so that choosing one is allowing it."""
        return call.name == READ_FILE.name and call.arguments.get("name") not in self._picked

    def close(self) -> None:
        """Remove what is only needed while the app runs."""
        self._bench.close()

    def _on_running_changed(self, turn: Turn | None) -> None:
        if self._turn is not None:
            self._turn.status_changed.disconnect(self._on_status_changed)
        self._turn = turn
        if turn is not None:
            turn.status_changed.connect(self._on_status_changed)

    def _on_status_changed(self, status: TurnStatus) -> None:
        turn = self._turn
        if status is not TurnStatus.CALLING or turn is None:
            return
        if len(turn.rounds) > MOST_ROUNDS + 1:
            self._session.give_up(turn, TurnError(tr("The model only called tools and came to no answer.")))
            return
        for place, call in enumerate(turn.open_calls):
            reason = self._reason_against(turn, call, place)
            if reason:
                self._settle(turn, call, CallStatus.FAILED, failure(reason))
            elif call.name in self._session.conversation.tools.allowed:
                self._run(turn, call)
        self._ask_for_next(turn)

    def _ask_for_next(self, turn: Turn) -> None:
        if self._session.conversation.running is turn:
            self.asked.emit(next(iter(self.waiting()), None))

    def _reason_against(self, turn: Turn, call: ToolCall, place: int) -> str:
        """Why nobody needs to be asked: the call cannot be answered; empty if it can."""
        if len(turn.rounds) > MOST_ROUNDS:
            return "There were too many calls in this answer. Answer with what you have."
        if place >= MOST_CALLS:
            return f"These are more than {MOST_CALLS} calls at once."
        tool = built_in(call.name)
        if tool is None or self._choose_file is None or call.name not in self.on:
            names = ", ".join(sorted(self.on)) if self._choose_file is not None else ""
            return f"There is no tool {call.name!r}. " + (f"There are: {names}." if names else "There are none.")
        try:
            checked(tool.tool, call.arguments)
        except ToolError as error:
            return str(error)
        return ""

    def _take_up(self, turn: Turn, call: ToolCall) -> bool:
        """Whether this call can be answered now; a turn that ended before it was is gone on with."""
        if call.status is not CallStatus.ASKING or not self.can_answer(turn):
            return False
        if turn.status is not TurnStatus.CALLING:
            turn.request_id = new_request_id("calls")
            self._session.take_up_calls(turn)
        return call.status is CallStatus.ASKING

    def _run(self, turn: Turn, call: ToolCall) -> None:
        tool = built_in(call.name)
        assert tool is not None
        call.status = CallStatus.RUNNING
        self._ask_for_next(turn)
        done = partial(self._on_done, turn, call)
        try:
            self._start(tool, turn, checked(tool.tool, call.arguments), done)
        except ToolError as error:
            done(failure(str(error)))

    def _start(self, tool: BuiltIn, turn: Turn, arguments: JsonObject, done: Callable[[Result], None]) -> None:
        match tool.name:
            case CLOCK.name:
                self._bench.compute(lambda: tell_time(here(), cast("str | None", arguments.get("time_zone"))), done)
            case CALCULATOR.name:
                self._bench.compute(lambda: calculate(str(arguments["expression"])), done)
            case READ_FILE.name:
                self._read_file(turn, arguments, done)
            case LOOK_CLOSER.name:
                look_closer(self._bench, turn.files, arguments, done)
            case _:
                raise AssertionError(tool)

    def _read_file(self, turn: Turn, arguments: JsonObject, done: Callable[[Result], None]) -> None:
        path = self._picked.get(str(arguments.get("name", "")))
        if path is None:
            assert self._choose_file is not None
            chosen = self._choose_file()
            if not chosen:
                raise ToolError(NOT_PICKED)
            path = Path(chosen)
        if turn.status is TurnStatus.CALLING:  # it may have been stopped while the person was looking for a file
            self._picked[path.name] = path
            read_file(self._bench, path, arguments, self._session.engine.sees, done)

    def _on_done(self, turn: Turn, call: ToolCall, result: Result) -> None:
        refused = result.response == {"error": NOT_PICKED}
        ended = CallStatus.REFUSED if refused else CallStatus.FAILED if result.failed else CallStatus.DONE
        self._settle(turn, call, ended, result)

    def _settle(self, turn: Turn, call: ToolCall, status: CallStatus, result: Result) -> None:
        self._session.answer_call(turn, call, status, result.response, result.files)
        if turn.status is TurnStatus.CALLING and not turn.open_calls:
            self.answered.emit(turn)
