"""What the conversation shows while an answer comes, and afterwards."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.state.turn import Turn, TurnError, TurnStatus
from app.views.conversation.answer_footer import AnswerFooter
from app.views.conversation.answer_view import FailureCard
from app.views.conversation.box_list import BoxList, BoxTag
from app.views.conversation.conversation_view import ConversationView
from app.views.markdown.answer_text import AnswerText
from app.views.streamed_text import StreamedText
from app.views.thumbnail import Thumbnail
from mlx_gemma4.protocol.events import (
    BoxFound,
    Event,
    PromptProgress,
    TextDelta,
    ThoughtDelta,
    TurnFinished,
    UsageReport,
)
from tests.unit.app.scripted import ONE_BOX, Rig


def ask(rig: Rig, question: str = "Where is the star?", picture: str = "") -> Turn:
    """A question that waits for events."""
    rig.session.engine.ask_id = "ask-1"
    if picture:
        rig.actions.attachments.add_files([picture])
    turn = Turn(question, tuple(rig.session.attachments.take_all()))
    turn.request_id = "ask-1"
    rig.session.conversation.add(turn)
    return turn


def say(rig: Rig, *events: Event) -> None:
    for event in events:
        object.__setattr__(event, "request_id", "ask-1")
        rig.session.apply(event)


def words(view: QWidget) -> list[str]:
    """All that can be read, top to bottom."""
    QApplication.processEvents()
    labels = [label.text() for label in view.findChildren(QLabel) if label.isVisible() and label.text()]
    texts = [*view.findChildren(StreamedText), *view.findChildren(AnswerText)]
    for text in texts:
        text.flush()
    return labels + [text.toPlainText() for text in texts if text.isVisible() and text.toPlainText()]


def test_reading_and_answering_are_told_apart(view: ConversationView, rig: Rig) -> None:
    ask(rig)
    assert "Reading…" in words(view)
    say(rig, PromptProgress(62, 100))
    assert "Reading the question · 62%" in words(view)
    say(rig, TextDelta("A star"), TextDelta(" at the top."))
    assert "A star at the top." in words(view)
    assert not any(text.startswith("Reading") for text in words(view))


def test_a_list_of_boxes_is_folded_and_no_character_of_it_is_lost(
    view: ConversationView, rig: Rig, qtbot: QtBot
) -> None:
    turn = ask(rig)
    say(rig, *(event for _, event in ONE_BOX[:4]))
    (folded,) = view.findChildren(BoxList)
    assert "Looking for boxes…" in words(view)
    say(rig, ONE_BOX[4][1])
    assert "1 box so far…" in words(view)
    say(rig, *(event for _, event in ONE_BOX[5:]))
    assert "1 box" in words(view) and "That is all." in words(view) and "Here:" in words(view)
    assert not any("box_2d" in text for text in words(view))
    disclosure = folded.findChild(QPushButton)
    assert isinstance(disclosure, QPushButton)
    qtbot.mouseClick(disclosure, Qt.MouseButton.LeftButton)
    raw = [text for text in words(view) if "box_2d" in text]
    assert len(raw) == 1 and raw[0] == turn.blocks[1].text.rstrip("\n")


def test_a_label_and_its_box_light_up_together(view: ConversationView, rig: Rig, qtbot: QtBot, picture: str) -> None:
    turn = ask(rig, picture=picture)
    say(rig, *(event for _, event in ONE_BOX))
    (tag,) = view.findChildren(BoxTag)
    stage = rig.session.stage
    qtbot.mouseMove(tag, QPoint(5, 5))
    tag.enterEvent(None)
    assert stage.turn is turn and stage.hovered == 0
    tag.leaveEvent(None)
    assert stage.hovered is None
    before = tag.grab().toImage()
    stage.hovered = 0
    assert tag.grab().toImage() != before
    qtbot.mouseClick(tag, Qt.MouseButton.LeftButton)
    assert stage.selected == 0
    qtbot.mouseClick(tag, Qt.MouseButton.LeftButton)
    assert stage.selected is None


def test_under_a_finished_answer_stand_its_figures(view: ConversationView, rig: Rig, qtbot: QtBot) -> None:
    ask(rig)
    say(rig, TextDelta("A star."))
    (footer,) = view.findChildren(AnswerFooter)
    assert not footer.isVisible()
    say(rig, UsageReport(200, 30, 41.2, 0.61, 412_000_000), TurnFinished("end_of_turn"))
    assert "41 tok/s · first word 0.6 s" in words(view) and footer.isVisible()


def test_a_failure_is_a_sentence_and_a_button_in_its_place(view: ConversationView, rig: Rig, qtbot: QtBot) -> None:
    turn = ask(rig)
    say(rig, TextDelta("Half an answer"))
    turn.error = TurnError("Out of memory.", "Ask about fewer pictures.")
    turn.finish(TurnStatus.FAILED)
    rig.session.conversation.running = None
    assert "Out of memory. Ask about fewer pictures." in words(view) and "Half an answer" in words(view)
    (card,) = view.findChildren(FailureCard)
    again = card.findChild(QPushButton)
    assert isinstance(again, QPushButton) and again.isVisible()
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    (beside,) = rig.session.conversation.turns
    assert rig.session.conversation.running is beside is not turn and turn.text == "Half an answer"
    assert "Half an answer" not in words(view) and not card.isVisible()
    beside.request_id = "ask-1"
    say(rig, TextDelta("Another"))
    assert "Another" in words(view)
    qtbot.wait(1)  # lets the event loop delete the widgets of the first answer
    beside.restart()
    assert "Another" not in words(view)
    say(rig, TextDelta("The third"))
    assert "The third" in words(view)


def test_stopped_cut_off_and_silent_answers_say_so(view: ConversationView, rig: Rig) -> None:
    turn = ask(rig)
    turn.finish(TurnStatus.DONE)
    assert "The model had nothing to say." in words(view)
    turn.status = TurnStatus.STOPPED
    assert "Stopped." in words(view)
    turn.append_text("A")
    turn.finish_reason = "max_tokens"
    turn.status = TurnStatus.DONE
    assert any("cut off" in text for text in words(view))
    turn.status = TurnStatus.ANSWERING
    turn.finish_reason = "loop"
    turn.status = TurnStatus.DONE
    assert any("repeated itself" in text for text in words(view))


def test_a_thought_is_folded_to_one_line(view: ConversationView, rig: Rig, qtbot: QtBot) -> None:
    ask(rig)
    say(rig, ThoughtDelta("Let me "), ThoughtDelta("see."), TextDelta("A star."))
    assert "Let me see." not in words(view)
    (button,) = [found for found in view.findChildren(QPushButton) if "Thought for a moment" in found.text()]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "Let me see." in words(view)


def test_the_view_follows_new_words_unless_the_person_has_scrolled_away(
    view: ConversationView, rig: Rig, qtbot: QtBot
) -> None:
    ask(rig)
    bar = view.verticalScrollBar()
    for _ in range(10):
        say(rig, TextDelta("A line of the answer.\n" * 6))
        qtbot.wait(40)
    qtbot.waitUntil(lambda: bar.maximum() > 200)
    assert bar.value() == bar.maximum()
    bar.setValue(50)
    say(rig, TextDelta("More lines.\n" * 20))
    qtbot.wait(80)
    assert bar.value() == 50
    bar.setValue(bar.maximum())
    say(rig, TextDelta("Still more.\n" * 20))
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 900)


def test_a_picture_of_a_question_is_put_on_the_stage_by_a_click(
    view: ConversationView, rig: Rig, qtbot: QtBot, picture: str
) -> None:
    turn = ask(rig, picture=picture)
    (thumbnail,) = view.findChildren(Thumbnail)
    qtbot.mouseClick(thumbnail, Qt.MouseButton.LeftButton)
    assert rig.session.stage.turn is turn and rig.session.stage.picture is turn.attachments[0]


def test_a_new_conversation_takes_all_widgets_of_the_old_one_away(
    view: ConversationView, rig: Rig, qtbot: QtBot
) -> None:
    turn = ask(rig)
    say(rig, *(event for _, event in ONE_BOX))
    gone: list[bool] = []
    (tag,) = view.findChildren(BoxTag)
    tag.destroyed.connect(lambda: gone.append(True))
    rig.actions.conversation.new.trigger()
    qtbot.waitUntil(lambda: gone == [True])
    rig.session.stage.hovered = 0  # reaches nobody
    turn.append_text("late")
    turn.add_box((1, 2, 3, 4), "late", 0)
    assert view.findChildren(BoxList) == []


def test_code_is_shown_as_code(view: ConversationView, rig: Rig) -> None:
    ask(rig)
    say(rig, TextDelta('Look:\n```json\n{"name": "Ann"}\n```\nDone.'), TurnFinished("end_of_turn"))
    assert view.findChildren(BoxList) == [] or not view.findChildren(BoxList)[0].isVisible()
    assert {"json", 'Look:\n{"name": "Ann"}\nDone.'} <= set(words(view))


def test_boxes_that_were_not_written_well_are_counted(view: ConversationView, rig: Rig) -> None:
    from mlx_gemma4.protocol.events import Unparsed

    ask(rig)
    text = '```json\n[{"box_2d": [1, 2, 3, 4], "label": "a"}, {"box_2d": [1, 2], "label": "b"}]\n```'
    say(rig, TextDelta(text), BoxFound((1, 2, 3, 4), "a"), Unparsed("box", "x"), TurnFinished("end_of_turn"))
    assert "1 box · 1 box written unreadably" in words(view)
