"""Tool calls in the conversation: the question whether one may run, and what is seen of it afterwards."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.state.tools import CallStatus
from app.state.turn import TurnStatus
from app.views.composer.question_field import QuestionField
from app.views.composer.tools_button import ToolsButton
from app.views.conversation.tool_call_view import Consent, ToolCallView
from app.views.main_window import MainWindow
from app.views.thumbnail import Thumbnail
from tests.unit.app.calling import SUM, ask_with_tools, calls, over, says
from tests.unit.app.scripted import Rig


def views(window: QWidget, qtbot: QtBot, count: int) -> list[ToolCallView]:
    qtbot.waitUntil(lambda: len(window.findChildren(ToolCallView)) == count)
    return sorted(window.findChildren(ToolCallView), key=lambda view: view.y())


def button(view: QWidget, text: str) -> QPushButton:
    (found,) = [button for button in view.findChildren(QPushButton) if button.text() == text]
    return found


def words(view: QWidget) -> str:
    return view.accessibleName()


def test_the_exact_arguments_are_shown_and_the_keyboard_is_there(rig: Rig, qtbot: QtBot, window: MainWindow) -> None:
    turn = ask_with_tools(rig, qtbot, calls(("calculate", {"expression": "<b>1</b> + 1"})), says("So."))
    (view,) = views(window, qtbot, 1)
    assert words(view) == 'Calculator: Waits for you. calculate(expression="<b>1</b> + 1")'
    qtbot.waitUntil(view.hasFocus)
    reached = []
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert isinstance(focused, QPushButton)
        reached.append(focused.text())
    assert reached == ["Allow once", "Always in this conversation", "Don't allow"]
    qtbot.keyClick(button(view, "Allow once"), Qt.Key.Key_Space)
    over(qtbot, turn)
    assert turn.calls[0].status is CallStatus.FAILED  # those were no numbers
    assert not view.findChildren(Consent)[0].isVisible()
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QuestionField))


def test_escape_does_not_allow_wherever_the_keyboard_is_and_leaves_a_draft_alone(
    rig: Rig, qtbot: QtBot, window: MainWindow
) -> None:
    rig.session.draft.text = "and then"
    turn = ask_with_tools(rig, qtbot, calls(("calculate", SUM), ("current_time", {})), says("Fine."))
    views(window, qtbot, 2)
    field = window.findChild(QuestionField)
    assert isinstance(field, QuestionField) and field.hasFocus()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert [call.status for call in turn.calls] == [CallStatus.REFUSED, CallStatus.ASKING]
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    over(qtbot, turn)
    assert turn.text == "Fine." and turn.status is TurnStatus.DONE and field.toPlainText() == "and then"


def test_result_and_call_fold_and_unfold(rig: Rig, qtbot: QtBot, window: MainWindow) -> None:
    turn = ask_with_tools(rig, qtbot, calls(("calculate", SUM), words="Let me see."), says("It is 2."))
    (view,) = views(window, qtbot, 1)
    qtbot.mouseClick(button(view, "Allow once"), Qt.MouseButton.LeftButton)
    over(qtbot, turn)
    assert words(view).startswith("Calculator: Done")
    show = button(view, "Show details")
    qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
    assert view._details is not None and view._details.toPlainText() == 'calculate(expression="1 + 1")\nresult: 2'
    qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
    assert not view._details.isVisible() and show.text() == "Show details"


def test_pictures_of_a_result_are_shown_and_go_onto_the_stage(
    rig: Rig, qtbot: QtBot, window: MainWindow, picture: str
) -> None:
    rig.picked = picture
    turn = ask_with_tools(rig, qtbot, calls(("read_file", {"purpose": "The blue one, please"})), says("Blue."))
    (view,) = views(window, qtbot, 1)
    qtbot.mouseClick(button(view, "Choose file…"), Qt.MouseButton.LeftButton)
    over(qtbot, turn)
    (thumbnail,) = view.findChildren(Thumbnail)
    qtbot.mouseClick(thumbnail, Qt.MouseButton.LeftButton)
    assert rig.session.stage.picture is turn.calls[0].files[0]


def test_a_turn_that_comes_into_sight_again_has_its_calls_where_they_were(
    rig: Rig, qtbot: QtBot, window: MainWindow
) -> None:
    turn = ask_with_tools(rig, qtbot, calls(("calculate", SUM), words="One."), calls(("f", {}), words="2."), says("3"))
    rig.actions.conversation.tools.allow(turn, turn.calls[0])
    over(qtbot, turn)
    first = [words(view) for view in views(window, qtbot, 2)]
    rig.actions.conversation.begin_new()
    views(window, qtbot, 0)
    rig.session.conversation.recall(1, "again", 0.0, [turn], None)
    assert [words(view) for view in views(window, qtbot, 2)] == first
    assert [part if isinstance(part, str) else type(part).__name__ for part in turn.parts] == [
        "AnswerBlock", "ToolCall", "AnswerBlock", "ToolCall", "AnswerBlock",
    ]  # fmt: skip


def test_an_answer_that_is_asked_for_again_has_no_calls_of_the_first(
    rig: Rig, qtbot: QtBot, window: MainWindow
) -> None:
    turn = ask_with_tools(rig, qtbot, calls(("calculate", SUM)), says("2"))
    rig.actions.conversation.stop.trigger()
    (view,) = views(window, qtbot, 1)
    assert words(view).startswith("Calculator: Waits for you")
    rig.actions.conversation.retry.trigger()
    over(qtbot, rig.session.conversation.turns[-1])
    assert rig.session.conversation.versions(turn)[0] is turn
    views(window, qtbot, 0)


def test_tools_are_switched_in_the_composer(rig: Rig, qtbot: QtBot, window: MainWindow) -> None:
    button = window.findChild(ToolsButton)
    assert isinstance(button, ToolsButton) and not button.isChecked() and button.accessibleName() == "Tools: none"
    button.menu.aboutToShow.emit()
    assert "has not learnt" in button.menu.actions()[0].text()
    button.menu.actions()[2].trigger()
    button.menu.actions()[3].trigger()
    assert button.isChecked() and button.accessibleName() == "Tools: Clock, Calculator"
    assert rig.session.conversation.tools.on == {"current_time", "calculate"}
