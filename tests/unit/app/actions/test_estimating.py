"""The cost of a question before it is sent: asked for as it is written, and learnt from answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.state.engine_status import EngineState
from app.state.estimate import Cost
from mlx_gemma4.protocol.care import NO_ROOM_TO_ASK_CODE, AskEstimated, EstimateAsk, MediaCost
from mlx_gemma4.protocol.cost import fit_picture
from mlx_gemma4.protocol.events import EngineFailed, TextDelta, TurnFinished, UsageReport
from mlx_gemma4.protocol.memory_fit import MachineMemory
from mlx_gemma4.protocol.parts import ImagePart, TextPart
from mlx_gemma4.protocol.requests import Ask, ProbeMedia
from tests.unit.app.scripted import ESTIMATED, GIB, Rig


@pytest.fixture(autouse=True)
def started(rig: Rig) -> None:
    """Start the engine."""
    rig.actions.engine.start()


def estimates(rig: Rig) -> list[EstimateAsk]:
    return [request for request in rig.client.requests if isinstance(request, EstimateAsk)]


def cost(rig: Rig, qtbot: QtBot) -> Cost:
    """What the draft costs once the engine has said so."""
    qtbot.waitUntil(lambda: (found := rig.session.estimate.cost) is not None and found.most > 0)
    found = rig.session.estimate.cost
    assert found is not None
    return found


def test_what_is_written_is_counted_with_its_files_and_what_came_before(rig: Rig, qtbot: QtBot) -> None:
    rig.actions.attachments.add_files([str(Path("resources/samples/stars.png").resolve())])
    rig.session.draft.text = "How many?"
    assert cost(rig, qtbot) == Cost(150, 130, 0, 8192, None, 40_000_000, 9 * GIB, 16 * GIB)
    asked = estimates(rig)[-1]
    assert asked.media == (MediaCost("picture", 130),)
    assert [type(part) for part in asked.messages[0].parts] == [ImagePart, TextPart]
    rig.actions.conversation.send.trigger()
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    qtbot.waitUntil(lambda: rig.session.estimate.cost is None)
    rig.session.draft.text = "And now?"
    told = cost(rig, qtbot)
    assert len(estimates(rig)[-1].messages) == 3
    assert estimates(rig)[-1].media == (MediaCost("picture", 130),)
    assert estimates(rig)[-1].read_tokens == 230  # what the answer before has left read, and what it wrote
    assert told.files == 0 and told.read == 150
    assert told.seconds is not None


def test_words_typed_quickly_are_counted_once(rig: Rig, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    for letter in "hello there":
        rig.session.draft.text += letter
    cost(rig, qtbot)
    assert len(estimates(rig)) == 1
    rig.session.draft.text = ""
    qtbot.waitUntil(lambda: rig.session.estimate.cost is None)


def test_the_time_comes_from_answers_on_this_machine(rig: Rig, qtbot: QtBot) -> None:
    usage = UsageReport(1100, 9, 20.0, 4.0, 0, reused_tokens=100)
    rig.answer = lambda ask: [(0.0, TextDelta("Yes.")), (0.0, usage), (0.0, TurnFinished("end_of_turn"))]
    rig.estimate = lambda request: AskEstimated(request.read_tokens + 500, 8192, 0, MachineMemory(0, 0, 0))
    rig.session.draft.text = "Is it?"
    assert cost(rig, qtbot).seconds is None
    rig.actions.conversation.send.trigger()
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    qtbot.waitUntil(lambda: rig.session.estimate.cost is None)
    rig.session.draft.text = "Really?"
    assert cost(rig, qtbot).seconds == 4.0  # 1,000 tokens took as long; fewer are not promised sooner from one alone


def test_what_the_model_cannot_read_or_the_machine_cannot_hold_is_known_before(rig: Rig, qtbot: QtBot) -> None:
    rig.estimate = lambda request: AskEstimated(9000, 8192, 0, ESTIMATED.memory)
    rig.session.draft.text = "Long"
    assert cost(rig, qtbot).obstacle == "too long"
    rig.estimate = lambda request: AskEstimated(900, 8192, 9 * GIB, ESTIMATED.memory)
    rig.session.draft.text = "Large"
    qtbot.waitUntil(lambda: cost(rig, qtbot).obstacle == "no room")


def test_a_refused_question_is_asked_anyway_when_the_person_says_so(rig: Rig, qtbot: QtBot) -> None:
    refusal = EngineFailed(NO_ROOM_TO_ASK_CODE, "It needs too much.", "Shorten it.", True)
    rig.answer = lambda ask: [(0.0, TurnFinished("end_of_turn") if ask.anyway else refusal)]
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    rig.actions.conversation.ask("Everything?")
    turn = rig.session.conversation.turns[0]
    qtbot.waitUntil(lambda: turn.error is not None and rig.session.engine.state is EngineState.READY)
    rig.actions.conversation.retry_turn(turn, anyway=True)
    qtbot.waitUntil(lambda: rig.session.conversation.idle and turn.error is None)
    rig.session.draft.text = "More?"
    rig.actions.conversation.send_anyway.trigger()
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    rig.actions.conversation.ask("And this?")
    qtbot.waitUntil(lambda: len(rig.asks()) == 4)
    assert [ask.anyway for ask in rig.asks()] == [False, True, True, False]


def test_a_picture_with_another_resolution_costs_and_is_asked_accordingly(rig: Rig, qtbot: QtBot) -> None:
    rig.actions.attachments.add_files([str(Path("resources/samples/stars.png").resolve())])
    picture = rig.session.attachments.items[0]
    qtbot.waitUntil(lambda: picture.soft_tokens > 0)
    rig.actions.attachments.choose_budget(picture, 1120)
    assert picture.soft_tokens == fit_picture(640, 480, 1120).soft_tokens
    qtbot.waitUntil(lambda: bool(estimates(rig)) and estimates(rig)[-1].media[0].soft_tokens == picture.soft_tokens)
    rig.actions.conversation.send.trigger()
    qtbot.waitUntil(lambda: len(rig.asks()) == 1)
    part = rig.asks()[0].messages[0].parts[0]
    assert isinstance(part, ImagePart) and part.max_soft_tokens == 1120


def test_pages_with_another_resolution_are_looked_at_again(rig: Rig, qtbot: QtBot) -> None:
    rig.actions.attachments.add_files([str(Path("resources/samples/stars.png").resolve())])
    document = rig.session.attachments.items[0]
    qtbot.waitUntil(lambda: document.soft_tokens > 0)
    document.kind = "document"
    rig.actions.attachments.choose_budget(document, 560)
    last = rig.client.requests[-1]
    assert isinstance(last, ProbeMedia) and last.max_soft_tokens == 560


def test_no_answer_is_given_twice_as_much_room(rig: Rig, qtbot: QtBot) -> None:
    rig.session.draft.text = "Short"
    cost(rig, qtbot)
    assert estimates(rig)[-1].max_tokens == Ask.max_tokens
