"""The turns of one conversation: a tree, of which one path is on the screen."""

from __future__ import annotations

import time
from collections.abc import Iterable

from PySide6.QtCore import Signal

from app.state.keys import new_key
from app.state.observable import Observable, Property
from app.state.presets import Thinking
from app.state.tools import ToolChoice
from app.state.turn import Turn
from mlx_gemma4.protocol.json_values import JsonObject

LONGEST_TITLE = 60


def title_of(words: str) -> str:
    """What a conversation that begins with these words is found by: the first line, cut between words."""
    line = " ".join(next((line for line in words.splitlines() if line.strip()), "").split())
    if len(line) <= LONGEST_TITLE:
        return line
    cut = line[:LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(" ,;:–-")
    return f"{cut}…"


class Conversation(Observable):
    """Questions and answers, oldest first; at most one answer is being given.

    A question that is asked again, or otherwise, begins a branch beside the first; nothing is ever taken out.

    Signals `turn_added(Turn)` at the end of the path, `path_changed(int)` when the turns from this one on are others,
    and `cleared()`; `resumed(Turn)` when an answer that was over is gone on with.

    Attributes:
        key: of this conversation and no other, for keeping it.
        title: what people find it by; empty before there is a question.
        created: seconds since 1970.
        turns: the path that is shown.
        running: the turn that is being answered.
        preset: the key of the way of answering that was chosen; empty for the first.
        thinking: as chosen in this conversation; None as the preset says.
        tools: which the model may call, and which need no asking.
        goes_on: more will be asked without the person: rounds of correction are under way. Setting it to False between
            two of them ends them.
    """

    title = Property("")
    count = Property(0)
    running = Property[Turn | None](None)
    goes_on = Property(False)
    preset = Property("")
    thinking = Property[Thinking | None](None)
    tools = Property[ToolChoice](ToolChoice())
    turn_added = Signal(object)
    resumed = Signal(object)
    path_changed = Signal(int)
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[Turn] = []
        self._forget()

    def add(self, turn: Turn) -> None:
        """A new question, which is now the one being answered."""
        turn.before = self.turns[-1] if self.turns else None
        self.title = self.title or title_of(turn.question)
        self._put(turn)
        self.turns.append(turn)
        self.running = turn
        self.turn_added.emit(turn)
        self.count = len(self.turns)

    def adopt(self, turns: list[Turn], running: Turn | None) -> None:
        """Turns of another conversation come behind these, the one that is being answered among them, if one is."""
        assert running is None or self.running is None
        for turn in turns:
            turn.before = self.turns[-1] if self.turns else None
            self.title = self.title or title_of(turn.question)
            self._put(turn)
            self.turns.append(turn)
            self.turn_added.emit(turn)
        self.running = running or self.running
        self.count = len(self.turns)

    def resume(self, turn: Turn) -> None:
        """Have this turn's answer gone on with."""
        assert self.running is None
        turn.resume()
        self.running = turn
        self.resumed.emit(turn)

    def branch(self, beside: Turn, turn: Turn) -> None:
        """A question in the place of one on the path, which stays with all that followed it; it is answered now."""
        assert self.shows(beside)
        del self.turns[beside.place :]
        self.path_changed.emit(beside.place)
        self.add(turn)

    def shows(self, turn: Turn) -> bool:
        """Whether this turn is on the path."""
        return self.turns[turn.place : turn.place + 1] == [turn]

    def versions(self, turn: Turn) -> list[Turn]:
        """The turns that are alternatives to each other at this place, oldest first."""
        return list(self._following.get(turn.before, (turn,)))

    def choose(self, turn: Turn) -> None:
        """Show the path through this turn, further on as it was when it was last shown."""
        if self.shows(turn):
            return
        self._show(turn)
        self.path_changed.emit(turn.place)
        self.count = len(self.turns)

    def recall(self, key: int, title: str, created: float, turns: Iterable[Turn], shown: int | None) -> None:
        """Take over a conversation that was kept; `turns` come before those that follow them."""
        self.clear()
        self.key, self.created = key, created
        last: Turn | None = None
        for turn in turns:
            self._put(turn)
            if last is None or turn.key == shown or last.key != shown:
                last = turn
        if last is not None:
            self._show(last)
        self.title = title
        self.path_changed.emit(0)
        self.count = len(self.turns)

    def settings(self) -> JsonObject:
        """How it is answered, for keeping."""
        thinking = None if self.thinking is None else self.thinking.as_values()
        return {"tools": self.tools.as_values(), "preset": self.preset, "thinking": thinking}

    def take_settings(self, values: JsonObject) -> None:
        """What `settings` gave, from another day."""
        self.tools = ToolChoice.from_values(values.get("tools"))
        self.preset = str(values.get("preset") or "")
        self.thinking = Thinking.from_values(values.get("thinking"))

    @property
    def all_turns(self) -> list[Turn]:
        """Those of all branches."""
        return [turn for following in self._following.values() for turn in following]

    @property
    def idle(self) -> bool:
        """Whether a person can ask something."""
        return self.running is None and not self.goes_on

    def by_request(self, request_id: str) -> Turn | None:
        """The turn whose present answer belongs to this request."""
        return next((turn for turn in reversed(self.turns) if turn.request_id == request_id), None)

    def clear(self) -> None:
        """Begin a new conversation."""
        self.turns.clear()
        self._forget()
        self.title = ""
        self.running = None
        self.goes_on = False
        self.preset, self.thinking = "", None
        self.tools = ToolChoice()
        self.count = 0
        self.cleared.emit()

    def _forget(self) -> None:
        self.key, self.created = new_key(), time.time()
        self._following: dict[Turn | None, tuple[Turn, ...]] = {}
        self._chosen: dict[Turn | None, Turn] = {}  # where there are several to choose from

    def _put(self, turn: Turn) -> None:
        turn.place = 0 if turn.before is None else turn.before.place + 1
        self._following[turn.before] = (*self._following.get(turn.before, ()), turn)
        self._choose(turn)

    def _choose(self, turn: Turn) -> None:
        if len(self._following[turn.before]) > 1:
            self._chosen[turn.before] = turn

    def _way_to(self, turn: Turn) -> list[Turn]:
        way: list[Turn] = []
        step: Turn | None = turn
        while step is not None:
            way.append(step)
            step = step.before
        return way[::-1]

    def _show(self, turn: Turn) -> None:
        """Make the path go through this turn and on along the choices made before."""
        path = self._way_to(turn)
        for step in path:
            self._choose(step)
        while following := self._following.get(path[-1]):
            path.append(self._chosen.get(path[-1], following[-1]))
        self.turns[:] = path
