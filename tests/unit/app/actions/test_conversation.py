"""Asking, stopping, asking again, through a scripted engine."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.actions.conversation import DEFAULT_QUESTIONS
from app.engine_link.scripted_client import Timed
from app.state.engine_status import EngineState
from app.state.turn import Turn, TurnStatus
from mlx_gemma4.protocol.events import EngineFailed, TextDelta, TurnFinished
from mlx_gemma4.protocol.parts import ImagePart
from mlx_gemma4.protocol.requests import Ask, Stop
from tests.unit.app.scripted import ONE_BOX, Rig

Script = Iterable[Timed]


def begin(_: Ask) -> Script:
    """An answer that begins and does not end by itself."""
    return [(0.0, TextDelta("Once upon a time"))]


def ready(rig: Rig, qtbot: QtBot) -> None:
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)


def ask(rig: Rig, qtbot: QtBot, question: str, until: TurnStatus = TurnStatus.DONE) -> Turn:
    rig.actions.conversation.ask(question)
    turn = rig.session.conversation.turns[-1]
    qtbot.waitUntil(lambda: turn.status is until)
    return turn


def test_a_question_is_answered_and_the_stage_shows_its_box(rig: Rig, qtbot: QtBot, picture: str) -> None:
    ready(rig, qtbot)
    rig.actions.attachments.add_files([picture])
    rig.session.draft.text = "Where is the star?"
    rig.actions.conversation.send.trigger()
    turn = rig.session.conversation.turns[0]
    qtbot.waitUntil(lambda: turn.status is TurnStatus.DONE)
    assert rig.session.draft.text == "" and rig.session.attachments.items == []
    assert [found.label for found in rig.session.stage.boxes()] == ["star"]
    assert rig.asks()[0].sampling.temperature == 0
    assert rig.asks()[0].messages[0].parts[0] == ImagePart(picture)


def test_pictures_without_words_are_asked_about_with_a_sensible_question(rig: Rig, qtbot: QtBot, picture: str) -> None:
    ready(rig, qtbot)
    assert not rig.actions.conversation.send.enabled
    rig.actions.attachments.add_files([picture])
    assert rig.actions.conversation.send.enabled
    assert ask(rig, qtbot, "  ").question == DEFAULT_QUESTIONS["picture"][0]
    rig.actions.attachments.add_files([picture, picture.replace("blue", "gone"), picture])
    assert rig.session.attachments.count == 1  # one is a double, one is not there
    rig.actions.attachments.add_files([picture])
    assert ask(rig, qtbot, "").question == DEFAULT_QUESTIONS["picture"][1]


def test_refused_pictures_are_not_asked_about(rig: Rig, qtbot: QtBot, picture: str, tmp_path: Path) -> None:
    ready(rig, qtbot)
    damaged = tmp_path / "damaged.png"
    damaged.touch()
    rig.actions.attachments.add_files([str(damaged)])
    qtbot.waitUntil(lambda: rig.session.attachments.usable == 0)
    assert not rig.actions.conversation.send.enabled
    rig.actions.attachments.add_files([picture])
    turn = ask(rig, qtbot, "")
    assert turn.question == DEFAULT_QUESTIONS["picture"][0] and [item.path for item in turn.attachments] == [picture]


def test_nothing_to_ask_is_not_asked(rig: Rig, qtbot: QtBot) -> None:
    ready(rig, qtbot)
    rig.actions.conversation.ask("   ")
    assert rig.session.conversation.turns == []


def test_a_question_waits_for_the_model_and_can_be_taken_back(rig: Rig, qtbot: QtBot) -> None:
    rig.loads = False
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.LOADING)
    rig.actions.conversation.ask("Anybody there?")
    assert rig.asks() == [] and rig.session.conversation.running is not None
    rig.actions.conversation.stop.trigger()
    assert rig.session.conversation.turns[0].status is TurnStatus.STOPPED
    rig.actions.conversation.ask("And now?")
    rig.session.engine.state = EngineState.READY
    qtbot.waitUntil(lambda: rig.session.conversation.turns[1].status is TurnStatus.DONE)


def test_stop_keeps_what_was_written_and_nothing_late_arrives(rig: Rig, qtbot: QtBot) -> None:
    rig.answer = begin
    ready(rig, qtbot)
    turn = ask(rig, qtbot, "Tell me a story.", TurnStatus.ANSWERING)
    assert rig.actions.conversation.stop.enabled
    rig.actions.conversation.stop.trigger()
    rig.client.push(TextDelta(" there was", request_id=turn.request_id))
    qtbot.waitUntil(lambda: turn.status is TurnStatus.STOPPED)
    assert turn.text == "Once upon a time" and not rig.actions.conversation.stop.enabled
    assert any(isinstance(request, Stop) for request in rig.client.requests)
    rig.answer = lambda _: ONE_BOX
    assert len(ask(rig, qtbot, "And then?").boxes) == 1
    assert len(rig.asks()[1].messages) == 3


def test_one_question_at_a_time(rig: Rig, qtbot: QtBot) -> None:
    rig.answer = begin
    ready(rig, qtbot)
    ask(rig, qtbot, "One?", TurnStatus.ANSWERING)
    rig.session.draft.text = "Two?"
    assert not rig.actions.conversation.send.enabled
    rig.actions.conversation.ask("Two?")
    assert len(rig.session.conversation.turns) == 1 and rig.session.draft.text == "Two?"


def test_a_failed_answer_is_asked_for_again_in_its_place(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = lambda _: [(0.0, TextDelta("Half")), (0.0, EngineFailed("engine.x", "Out of memory.", "", True))]
    ready(rig, qtbot)
    rig.actions.attachments.add_files([picture])
    turn = ask(rig, qtbot, "Where?", TurnStatus.FAILED)
    assert turn.text == "Half" and turn.error is not None
    rig.answer = lambda _: ONE_BOX
    rig.actions.conversation.retry.trigger()
    (again,) = rig.session.conversation.turns
    qtbot.waitUntil(lambda: again.status is TurnStatus.DONE)
    assert len(again.boxes) == 1 and rig.session.conversation.versions(again) == [turn, again]
    assert turn.text == "Half" and turn.error is not None
    assert rig.asks()[0].messages == rig.asks()[1].messages


def test_an_answer_without_a_word_is_given_again_as_the_same_turn(rig: Rig, qtbot: QtBot) -> None:
    rig.answer = lambda _: [(0.0, EngineFailed("engine.x", "Out of memory.", "", True))]
    ready(rig, qtbot)
    turn = ask(rig, qtbot, "Where?", TurnStatus.FAILED)
    rig.answer = lambda _: ONE_BOX
    rig.actions.conversation.retry.trigger()
    assert turn.error is None
    qtbot.waitUntil(lambda: turn.status is TurnStatus.DONE)
    assert rig.session.conversation.versions(turn) == [turn]


def test_asking_an_earlier_question_again_begins_a_branch(rig: Rig, qtbot: QtBot) -> None:
    ready(rig, qtbot)
    first, last = ask(rig, qtbot, "One?"), ask(rig, qtbot, "Two?")
    rig.actions.conversation.retry_turn(first)
    conversation = rig.session.conversation
    (again,) = conversation.turns
    assert not rig.actions.conversation.can_retry(first)
    qtbot.waitUntil(lambda: again.status is TurnStatus.DONE)
    assert len(rig.asks()[-1].messages) == 1
    rig.actions.conversation.choose(first)
    assert conversation.turns == [first, last] and first.text and last.text


def test_a_new_conversation_stops_the_old_one_and_can_be_used_at_once(rig: Rig, qtbot: QtBot) -> None:
    rig.answer = begin
    ready(rig, qtbot)
    ask(rig, qtbot, "A story!", TurnStatus.ANSWERING)
    rig.actions.conversation.new.trigger()
    assert rig.session.conversation.turns == []
    rig.answer = lambda _: [(0.0, TextDelta("Hello.")), (0.0, TurnFinished("end_of_turn"))]
    assert ask(rig, qtbot, "Hello!").text == "Hello."
    assert len(rig.asks()[-1].messages) == 1


def test_the_answer_is_copied_as_the_model_wrote_it(rig: Rig, qtbot: QtBot) -> None:
    ready(rig, qtbot)
    turn = ask(rig, qtbot, "Where?")
    rig.actions.conversation.copy_answer.trigger()
    assert QGuiApplication.clipboard().text() == turn.text
    assert '"box_2d"' in turn.text


def test_a_picture_that_vanishes_between_questions_spoils_one_question_at_most(
    rig: Rig, qtbot: QtBot, picture: str
) -> None:
    ready(rig, qtbot)
    rig.actions.attachments.add_files([picture])
    ask(rig, qtbot, "Where?")
    missing = EngineFailed("media.missing", f"There is no file {picture}.", "Check the path.", True)
    rig.answer = lambda request: [(0.0, missing)] if len(request.messages[0].parts) > 1 else ONE_BOX
    turn = ask(rig, qtbot, "And here?", TurnStatus.FAILED)
    assert turn.error is not None and turn.error.message == "There is no file “blue.png”."
    assert turn.error.hint == "Ask again to go on without it."
    rig.actions.conversation.retry.trigger()
    qtbot.waitUntil(lambda: turn.status is TurnStatus.DONE)


def test_a_picture_of_this_very_question_is_not_left_out_when_asking_again(
    rig: Rig, qtbot: QtBot, picture: str
) -> None:
    missing = EngineFailed("media.missing", f"There is no file {picture}.", "Check the path.", True)
    rig.answer = lambda _: [(0.0, missing)]
    ready(rig, qtbot)
    rig.actions.attachments.add_files([picture])
    turn = ask(rig, qtbot, "Where?", TurnStatus.FAILED)
    assert turn.error is not None and turn.error.hint == "Check the path."
    rig.actions.conversation.retry.trigger()
    qtbot.waitUntil(lambda: len(rig.asks()) == 2)
    assert rig.asks()[1].messages == rig.asks()[0].messages
