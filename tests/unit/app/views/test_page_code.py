"""The code of a page in the conversation: a few lines while it streams, and the way to the stage."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.state.attachments import Attachment, AttachmentStatus
from app.state.page import PageProject, PageVersion
from app.state.turn import Turn, TurnStatus
from app.views.conversation.conversation_view import ConversationView
from app.views.conversation.page_code import PageCode, without_fences
from app.views.markdown.answer_text import AnswerText
from tests.unit.app.scripted import Rig

CODE = "".join(f"<p>line {number}</p>\n" for number in range(60))


def page_turn(rig: Rig, picture: str) -> tuple[Turn, PageProject]:
    """A turn that writes the second version of a page."""
    screenshot = Attachment(picture)
    screenshot.status = AttachmentStatus.READY
    project, turn = PageProject(screenshot), Turn("Make page", (screenshot,))
    first, turn.version = PageVersion("first"), PageVersion("fix 1")
    for version in (turn.version, first):
        project.add(version)
    rig.session.stage.add_page(project)
    rig.session.conversation.add(turn)
    return turn, project


def said(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def test_a_pages_code_is_shown_in_few_lines_that_follow_its_end(view: ConversationView, rig: Rig, picture: str) -> None:
    turn, _ = page_turn(rig, picture)
    turn.append_text("The heading is too small.\n```html\n")
    for line in CODE.splitlines(keepends=True):
        turn.append_text(line)
    QApplication.processEvents()
    (card,) = view.findChildren(PageCode)
    assert [text.toPlainText() for text in view.findChildren(AnswerText) if text.isVisible()] == [
        "The heading is too small."
    ]
    assert card.height() < 240 and said(card) == ["HTML · writing…"]
    assert card.code.verticalScrollBar().value() == card.code.verticalScrollBar().maximum() > 0
    turn.append_text("```\n")
    turn.finish(TurnStatus.DONE)
    assert card.code.code() == CODE.rstrip("\n") and said(card) == ["HTML · 60 lines"]


def test_its_button_goes_to_that_version_on_the_stage(
    view: ConversationView, rig: Rig, picture: str, qtbot: QtBot
) -> None:
    turn, project = page_turn(rig, picture)
    turn.append_text("```html\n<p>\n```\n")
    (card,) = view.findChildren(PageCode)
    button = next(found for found in card.findChildren(QPushButton) if found.text() == "Show page")
    assert project.current is not turn.version
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    stage = rig.session.stage
    assert stage.is_open and (stage.tab, stage.page) == ("page", project)
    assert project.current is turn.version


def test_code_in_other_answers_is_shown_whole(view: ConversationView, rig: Rig, tmp_path: Path) -> None:
    turn = Turn("How?")
    rig.session.conversation.add(turn)
    turn.append_text(f"```html\n{CODE}```\n")
    assert view.findChildren(PageCode) == []
    (shown_whole,) = (
        text
        for text in view.findChildren(AnswerText)
        if text.document().findBlockByNumber(0).blockFormat().leftMargin()
    )
    assert CODE.rstrip() in shown_whole.toPlainText()


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("```html\n<p>\n```\n", "<p>"),
        ("```html\n<p>\n```", "<p>"),
        ("```html\n<p>\n", "<p>\n"),
        ("```html\n<p>`", "<p>`"),
        ("```html\n", ""),
        ("```ht", ""),
        ("```\n```", ""),
        ("<p>\n", "<p>\n"),
    ],
)
def test_fences_are_left_out_as_far_as_they_have_come(text: str, inside: str) -> None:
    assert without_fences(text) == inside
