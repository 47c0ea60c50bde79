"""Going between versions of a question and its answer, putting a question otherwise, going on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.state.engine_status import EngineState
from app.state.turn import TurnStatus
from app.views.conversation.conversation_view import ConversationView, TurnView
from app.views.conversation.question_row import QuestionEditor
from app.views.conversation.version_switch import VersionSwitch
from app.views.icon_button import IconButton
from app.views.theme import Theme
from mlx_gemma4.protocol.events import TextDelta, TurnFinished
from mlx_gemma4.protocol.parts import TextPart
from tests.unit.app.scripted import Rig


@pytest.fixture
def view(rig: Rig, qtbot: QtBot, shown: Theme) -> Iterator[ConversationView]:
    """A conversation of one question, answered."""
    view = ConversationView(rig.session, rig.actions.conversation)
    view.resize(760, 500)
    view.show()
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    rig.answer = lambda ask: [(0.0, TextDelta(f"Answer {len(rig.asks())}")), (0.0, TurnFinished("end_of_turn"))]
    rig.actions.conversation.ask("What?")
    settle(rig, qtbot)
    yield view
    view.close()
    view.deleteLater()
    QApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete)


def settle(rig: Rig, qtbot: QtBot) -> None:
    """Wait until the answer is over and shown."""
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    qtbot.wait(50)


def button(view: ConversationView, name: str) -> IconButton | QPushButton:
    """The one that is called so, in the last turn that is shown."""
    last = view.findChildren(TurnView)[-1]
    named = [found for found in last.findChildren(IconButton) if found.accessibleName() == name]
    return named[0] if named else next(found for found in last.findChildren(QPushButton) if found.text() == name)


def place(view: ConversationView) -> str:
    """As the switch says it; empty while there is none."""
    switch = view.findChildren(TurnView)[-1].findChild(VersionSwitch)
    assert isinstance(switch, VersionSwitch)
    label = switch.findChild(QLabel)
    assert isinstance(label, QLabel)
    return label.text() if switch.isVisible() else ""


def answer(rig: Rig) -> str:
    """What is on the screen."""
    return rig.session.conversation.turns[0].text


def test_answers_that_are_given_again_can_be_gone_through(view: ConversationView, rig: Rig, qtbot: QtBot) -> None:
    assert place(view) == ""
    for number in (2, 3):
        qtbot.mouseClick(button(view, "Ask again"), Qt.MouseButton.LeftButton)
        settle(rig, qtbot)
        assert place(view) == f"{number}/{number}" and answer(rig) == f"Answer {number}"
    assert not button(view, "Next version").isEnabled()
    for number in (2, 1):
        qtbot.mouseClick(button(view, "Previous version"), Qt.MouseButton.LeftButton)
        settle(rig, qtbot)
        assert place(view) == f"{number}/3" and answer(rig) == f"Answer {number}"
    assert not button(view, "Previous version").isEnabled()


def test_a_question_is_edited_in_its_place(view: ConversationView, rig: Rig, qtbot: QtBot) -> None:
    qtbot.mouseClick(button(view, "Edit question"), Qt.MouseButton.LeftButton)
    editor = view.findChild(QuestionEditor)
    assert isinstance(editor, QuestionEditor) and editor.words == "What?"
    qtbot.keyClicks(editor.field, " And where?")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    settle(rig, qtbot)
    (turn,) = rig.session.conversation.turns
    assert turn.question == "What? And where?" and place(view) == "2/2"


def test_escape_leaves_a_question_as_it_was(view: ConversationView, rig: Rig, qtbot: QtBot) -> None:
    qtbot.mouseClick(button(view, "Edit question"), Qt.MouseButton.LeftButton)
    editor = view.findChild(QuestionEditor)
    assert isinstance(editor, QuestionEditor)
    qtbot.keyClicks(editor.field, "!")
    qtbot.keyClick(editor.field, Qt.Key.Key_Escape)
    qtbot.wait(5)
    assert len(rig.asks()) == 1 and view.findChild(QuestionEditor) is None
    assert rig.session.conversation.turns[0].question == "What?"


def test_an_answer_that_was_stopped_can_be_continued(view: ConversationView, rig: Rig, qtbot: QtBot) -> None:
    assert not button(view, "Continue").isVisible()
    rig.answer = lambda ask: [(0.0, TextDelta("So far"))]
    rig.actions.conversation.ask("A story!")
    turn = rig.session.conversation.turns[1]
    qtbot.waitUntil(lambda: turn.status is TurnStatus.ANSWERING)
    rig.actions.conversation.stop.trigger()
    settle(rig, qtbot)
    rig.answer = lambda ask: [(0.0, TextDelta(" and on.")), (0.0, TurnFinished("end_of_turn"))]
    qtbot.mouseClick(button(view, "Continue"), Qt.MouseButton.LeftButton)
    settle(rig, qtbot)
    assert [turn.question for turn in rig.session.conversation.turns] == ["What?", "A story!"]
    assert turn.text == "So far and on." and turn.status is TurnStatus.DONE
    asked = rig.asks()[-1]
    assert asked.continues and [message.role for message in asked.messages] == ["user", "assistant"] * 2
    assert asked.messages[-1].parts == (TextPart("So far"),)
    assert not button(view, "Continue").isVisible()
