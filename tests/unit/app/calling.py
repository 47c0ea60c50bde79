"""A model that calls tools, round after round, over the scripted engine."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from app.actions.tools.declared import BUILT_IN
from app.engine_link.scripted_client import Timed
from app.state.engine_status import EngineState
from app.state.tools import ToolChoice
from app.state.turn import Turn
from mlx_gemma4.protocol.events import TextDelta, ThoughtDelta, ToolCallRequested, TurnFinished
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.requests import Ask
from tests.unit.app.scripted import Rig

ALL = frozenset(tool.name for tool in BUILT_IN)
SUM: JsonObject = {"expression": "1 + 1"}


def calls(*wanted: tuple[str, JsonObject], words: str = "", thought: str = "") -> list[Timed]:
    """A round in which the model wants these called."""
    return [
        *([(0.0, ThoughtDelta(thought))] if thought else []),
        *([(0.0, TextDelta(words))] if words else []),
        *((0.0, ToolCallRequested(name, arguments)) for name, arguments in wanted),
        (0.0, TurnFinished("tool_calls")),
    ]


def says(words: str) -> list[Timed]:
    """A round that is the answer."""
    return [(0.0, TextDelta(words)), (0.0, TurnFinished("end_of_turn"))]


def in_rounds(*rounds: list[Timed]) -> Callable[[Ask], list[Timed]]:
    """A model that does one thing after another; the last again and again."""
    left = list(rounds)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def ask_with_tools(rig: Rig, qtbot: QtBot, *rounds: list[Timed], question: str = "How much?") -> Turn:
    """Ask a model that has all tools; returns once it waits for a person, or is done."""
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    rig.session.conversation.tools = ToolChoice(ALL)
    rig.answer = in_rounds(*rounds)
    rig.actions.conversation.ask(question)
    turn = rig.session.conversation.turns[-1]
    qtbot.waitUntil(lambda: bool(rig.actions.conversation.tools.waiting()) or turn.status.is_final)
    return turn


def over(qtbot: QtBot, turn: Turn) -> None:
    """Wait until the answer is."""
    qtbot.waitUntil(lambda: turn.status.is_final)
