"""The turns of one conversation."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.state.observable import Observable, Property
from app.state.turn import Turn


class Conversation(Observable):
    """Questions and answers, oldest first; at most one answer is being given.

    Signals `turn_added(Turn)` and `cleared()`.

    Attributes:
        running: the turn that is being answered.
        goes_on: more will be asked without the person: rounds of correction are under way. Setting it to False between
            two of them ends them.
    """

    count = Property(0)
    running = Property[Turn | None](None)
    goes_on = Property(False)
    turn_added = Signal(object)
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[Turn] = []

    def add(self, turn: Turn) -> None:
        """A new question, which is now the one being answered."""
        self.turns.append(turn)
        self.running = turn
        self.turn_added.emit(turn)
        self.count = len(self.turns)

    def adopt(self, turns: list[Turn], running: Turn | None) -> None:
        """Turns of another conversation come behind these, the one that is being answered among them, if one is."""
        assert running is None or self.running is None
        for turn in turns:
            self.turns.append(turn)
            self.turn_added.emit(turn)
        self.running = running or self.running
        self.count = len(self.turns)

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
        self.running = None
        self.goes_on = False
        self.count = 0
        self.cleared.emit()
