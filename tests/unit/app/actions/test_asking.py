"""How a question goes out: presets, thinking, texts of base models, answers that are gone on with."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.state.engine_status import EngineState
from app.state.presets import BUILT_IN, Thinking
from app.state.turn import Turn, TurnStatus
from mlx_gemma4.protocol.events import TextDelta, ThoughtDelta, TurnFinished
from mlx_gemma4.protocol.parts import Message, TextPart, ThoughtPart
from mlx_gemma4.protocol.requests import GREEDY, Ask, SamplingSettings
from tests.unit.app.scripted import Rig


@pytest.fixture
def ready(rig: Rig, qtbot: QtBot) -> Rig:
    rig.answer = lambda ask: [(0.0, TextDelta("So it goes")), (0.0, TurnFinished("max_tokens"))]
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    return rig


def asked(rig: Rig, qtbot: QtBot, question: str = "Why?") -> Ask:
    rig.actions.conversation.ask(question)
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    return rig.asks()[-1]


def test_the_likeliest_words_are_taken_where_no_preset_says_otherwise(ready: Rig, qtbot: QtBot) -> None:
    ask = asked(ready, qtbot)
    assert ask.sampling == GREEDY and not ask.thinking and ask.messages[0].role == "user"
    ready.actions.presets.choose("balanced")
    assert asked(ready, qtbot).sampling == SamplingSettings()


def test_a_preset_tells_the_model_beforehand_and_lets_it_think(ready: Rig, qtbot: QtBot) -> None:
    made = ready.actions.presets.create(BUILT_IN[0])
    ready.actions.presets.change(replace(made, instructions=" Be kind. ", thinking=Thinking(True, 64)))
    ready.actions.presets.choose(made.key)
    ask = asked(ready, qtbot)
    assert ask.messages[0] == Message("system", (TextPart("Be kind."),))
    assert (ask.thinking, ask.thinking_budget) == (True, 64)
    ready.actions.presets.think(Thinking())
    ask = asked(ready, qtbot)
    assert (ask.thinking, ask.thinking_budget) == (False, None)
    ready.actions.presets.remove(made)
    assert asked(ready, qtbot).messages[0].role == "user"


def test_a_new_conversation_begins_as_ever(ready: Rig, qtbot: QtBot) -> None:
    ready.actions.presets.choose("thorough")
    asked(ready, qtbot)
    ready.actions.conversation.new.trigger()
    assert ready.session.conversation.preset == "" and not asked(ready, qtbot).thinking


def test_an_answer_goes_on_behind_its_own_words(ready: Rig, qtbot: QtBot) -> None:
    ready.answer = lambda ask: [
        (0.0, ThoughtDelta("I see")), (0.0, TextDelta("- one\n```")), (0.0, TurnFinished("max_tokens"))
    ]  # fmt: skip
    asked(ready, qtbot)
    turn = ready.session.conversation.turns[0]
    ready.answer = lambda ask: [(0.0, TextDelta("python\nx\n```\nEnd")), (0.0, TurnFinished("end_of_turn"))]
    ready.actions.conversation.go_on.trigger()
    qtbot.waitUntil(lambda: ready.session.conversation.idle)
    ask = ready.asks()[-1]
    assert ask.continues and ask.thinking
    assert ask.messages[-1] == Message("assistant", (ThoughtPart("I see"), TextPart("- one\n```")))
    assert turn.text == "- one\n```python\nx\n```\nEnd"
    assert [block.kind.value for block in turn.blocks] == ["prose", "code", "prose"]
    assert not ready.actions.conversation.go_on.enabled


def test_a_base_model_goes_on_with_the_text_and_with_what_is_added_to_it(ready: Rig, qtbot: QtBot) -> None:
    ready.session.engine.chats = False
    ask = asked(ready, qtbot, "Once upon")
    assert not ask.chat_format and ask.messages == (Message("user", (TextPart("Once upon"),)),)
    turn: Turn = ready.session.conversation.turns[0]
    assert turn.completes and turn.status is TurnStatus.DONE
    ready.actions.conversation.go_on.trigger()
    qtbot.waitUntil(lambda: ready.session.conversation.idle)
    text = "".join(part.text for message in ready.asks()[-1].messages for part in message.parts)  # type: ignore[union-attr]
    assert text == "Once uponSo it goes" and turn.text == "So it goesSo it goes"
    ask = asked(ready, qtbot, "And then")
    text = "".join(part.text for message in ask.messages for part in message.parts)  # type: ignore[union-attr]
    assert text == "Once uponSo it goesSo it goes\nAnd then"
