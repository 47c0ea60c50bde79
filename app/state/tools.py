"""Calls of tools inside an answer, and which tools a conversation has."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from app.state.attachments import Attachment
from app.state.observable import LightObservable, Property
from mlx_gemma4.protocol.events import Event
from mlx_gemma4.protocol.json_values import Json, JsonObject


class CallStatus(StrEnum):
    """How far a call has come; the last three are its end."""

    ASKING = "asking"  # the person has not said yet whether it may run
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # it ran, or could not, and the answer says why
    REFUSED = "refused"

    @property
    def is_final(self) -> bool:
        """Whether it has been answered."""
        return self in (CallStatus.DONE, CallStatus.FAILED, CallStatus.REFUSED)


class ToolCall(LightObservable):
    """A function that the model wants called.

    Attributes:
        number: counts the calls of one turn from 0.
        round: counts the times that the model has waited for tools in this turn, from 0.
        place: how many blocks of the answer stand before it.
        response: what the tool answered; None before that.
        files: pictures that came with the answer.
    """

    status = Property[CallStatus](CallStatus.ASKING)
    response = Property[Json](None)

    def __init__(self, number: int, round_number: int, place: int, name: str, arguments: JsonObject) -> None:
        self.number, self.round, self.place = number, round_number, place
        self.name, self.arguments = name, arguments
        self.files: tuple[Attachment, ...] = ()

    def answer(self, status: CallStatus, response: Json, files: tuple[Attachment, ...] = ()) -> None:
        """It is over."""
        self.files, self.response = files, response
        self.status = status


@dataclass(frozen=True)
class ToolAnswered:
    """What a call was answered, as it is kept among what the engine said.

    Attributes:
        call: number of the call in its turn.
        status: the call's last one.
        files: keys of the attachments that came with the answer.
    """

    call: int
    status: str
    response: Json = None
    files: tuple[int, ...] = ()


Said: TypeAlias = Event | ToolAnswered
"""All that an answer is made of."""


@dataclass(frozen=True)
class ToolChoice:
    """Which tools a conversation has.

    Attributes:
        on: names of those that the model may call; None leaves it to what suits the model.
        allowed: names of those that run without being asked for again.
    """

    on: frozenset[str] | None = None
    allowed: frozenset[str] = field(default_factory=frozenset)

    def as_values(self) -> JsonObject:
        """For keeping."""
        on: Json = None if self.on is None else [*sorted(self.on)]
        return {"on": on, "allowed": [*sorted(self.allowed)]}

    @staticmethod
    def from_values(values: Json) -> ToolChoice:
        """What `as_values` gave; anything else counts as no choice."""
        if not isinstance(values, dict):
            return ToolChoice()
        on, allowed = values.get("on"), values.get("allowed")
        return ToolChoice(None if not isinstance(on, list) else _names(on), _names(allowed))


def _names(values: Json) -> frozenset[str]:
    return frozenset(name for name in values if isinstance(name, str)) if isinstance(values, list) else frozenset()
