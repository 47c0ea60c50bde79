"""Code is followed while it is written, becomes a version when it is edited, and is never lost."""

from pathlib import Path
from time import perf_counter, thread_time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCursor
from pytestqt.qtbot import QtBot

from app.state.page import PageVersion, VersionStatus
from app.views.stage.code_editor import CodeEditor
from app.views.stage.code_pane import PAUSE_MS, CodePane
from app.views.theme import Appearance, Theme
from tests.unit.app.views.stage.pages import BUTTON, HTML, PageScene, page_scene

LINES = "".join(f"<p>line {number}</p>\n" for number in range(200))


@pytest.fixture
def scene(qtbot: QtBot, shown: Theme, tmp_path: Path) -> PageScene:
    """One version, its code shown."""
    scene = page_scene(tmp_path)
    qtbot.addWidget(scene.view)
    scene.view.resize(640, 760)
    scene.view.show()
    scene.add("first")
    scene.project.code_shown = True
    qtbot.waitUntil(lambda: scene.page.code.isVisible())
    return scene


@pytest.fixture
def editor(scene: PageScene) -> CodeEditor:
    """Where the code is."""
    return scene.page.code.editor


def written(scene: PageScene, text: str) -> PageVersion:
    """A version of which this much has been written."""
    version = PageVersion("fix 1", scene.project.current)
    scene.project.add(version)
    version.html = text
    return version


def test_the_code_of_the_version_is_shown(editor: CodeEditor) -> None:
    assert editor.code() == HTML.replace("One", "first")


def test_code_that_goes_on_leaves_the_place_that_is_read(scene: PageScene, editor: CodeEditor) -> None:
    version = written(scene, LINES)
    bar = editor.verticalScrollBar()
    bar.setValue(40)
    for _ in range(5):
        version.html += LINES
        assert bar.value() == 40
    assert editor.blockCount() == 6 * 200 + 1


def test_the_end_is_followed_by_those_who_are_there(scene: PageScene, editor: CodeEditor) -> None:
    version = written(scene, LINES)
    bar = editor.verticalScrollBar()
    bar.setValue(bar.maximum())
    version.html += LINES
    assert bar.value() == bar.maximum() > 200
    assert editor.horizontalScrollBar().value() == 0


def test_a_selection_stays_while_code_comes(scene: PageScene, editor: CodeEditor) -> None:
    version = written(scene, LINES)
    cursor = editor.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)
    version.html += "<p>more</p>\n"
    assert editor.textCursor().selectedText().endswith("</p>\u2029")
    assert editor.textCursor().anchor() == 0


def test_what_is_being_written_cannot_be_edited(scene: PageScene, editor: CodeEditor) -> None:
    version = written(scene, LINES)
    assert editor.isReadOnly()
    version.status = VersionStatus.READY
    assert not editor.isReadOnly()


def test_an_edit_becomes_a_version_after_a_pause(scene: PageScene, editor: CodeEditor, qtbot: QtBot) -> None:
    qtbot.keyClicks(editor, "x")
    assert scene.actions.calls == []
    qtbot.waitUntil(lambda: bool(scene.actions.calls), timeout=PAUSE_MS + 2000)
    assert scene.actions.calls == [("edit", "x" + HTML.replace("One", "first"), "first")]


def test_command_return_applies_at_once_and_writing_goes_on_where_it_was(
    scene: PageScene, editor: CodeEditor, qtbot: QtBot
) -> None:
    cursor = editor.textCursor()
    cursor.setPosition(10)
    editor.setTextCursor(cursor)
    qtbot.keyClicks(editor, "abc")
    qtbot.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(editor, "d")
    qtbot.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    first = HTML.replace("One", "first")
    assert scene.actions.calls == [
        ("edit", f"{first[:10]}abc{first[10:]}", "first"),
        ("edit", f"{first[:10]}abcd{first[10:]}", "edit 1"),
    ]
    assert editor.textCursor().position() == 14


def test_without_a_change_nothing_is_made(scene: PageScene, editor: CodeEditor, qtbot: QtBot) -> None:
    qtbot.keyClicks(editor, "x")
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    qtbot.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.wait(PAUSE_MS + 100)
    assert scene.actions.calls == []


def test_going_to_another_version_keeps_what_was_written(scene: PageScene, editor: CodeEditor, qtbot: QtBot) -> None:
    scene.add("fix 1", made_from=scene.project.current)
    qtbot.keyClicks(editor, "x")
    qtbot.mouseClick(scene.page.strip.cards[0], Qt.MouseButton.LeftButton)
    assert [call[0::2] for call in scene.actions.calls] == [("edit", "fix 1"), ("show",)]
    assert editor.code() == HTML.replace("One", "first")


def test_a_fix_begins_with_what_was_written(scene: PageScene, editor: CodeEditor, qtbot: QtBot) -> None:
    qtbot.keyClicks(editor, "x")
    qtbot.mouseClick(scene.page.rounds.button, Qt.MouseButton.LeftButton)
    assert [call[0] for call in scene.actions.calls] == ["edit", "fix_rounds"]


@pytest.mark.parametrize("name", ["fix", "copy_html", "save", "open_in_browser"])
def test_the_menus_verbs_know_what_was_just_written(
    scene: PageScene, editor: CodeEditor, qtbot: QtBot, name: str
) -> None:
    qtbot.keyClicks(editor, "x")
    getattr(scene.actions, name).trigger()
    assert [call[0] for call in scene.actions.calls] == ["edit", name]


def test_a_version_that_comes_by_itself_does_not_take_what_was_written(
    scene: PageScene, editor: CodeEditor, qtbot: QtBot
) -> None:
    qtbot.keyClicks(editor, "x")
    version = written(scene, LINES)
    assert scene.actions.calls == [("edit", "x" + HTML.replace("One", "first"), "first")]
    assert scene.project.current is version and editor.code() == LINES


def test_hiding_the_code_and_going_to_another_page_keep_what_was_written(
    scene: PageScene, editor: CodeEditor, qtbot: QtBot
) -> None:
    qtbot.keyClicks(editor, "x")
    scene.project.code_shown = False
    assert len(scene.actions.calls) == 1
    scene.project.code_shown = True
    qtbot.keyClicks(editor, "y")
    scene.stage.page = None
    assert len(scene.actions.calls) == 2
    assert editor.code() == ""


def test_spaces_that_do_not_break_and_every_line_end_survive(qtbot: QtBot, shown: Theme) -> None:
    editor = CodeEditor()
    qtbot.addWidget(editor)
    editor.show_code("a\u00a0b\r\nc\rd\n")
    assert editor.code() == "a\u00a0b\nc\nd\n"


def test_selecting_an_element_scrolls_the_code_to_it(scene: PageScene, editor: CodeEditor) -> None:
    version = scene.project.current
    assert version is not None
    version.html = LINES + HTML
    scene.project.subject = BUTTON
    selections = editor.extraSelections()
    marked = selections[0].cursor  # type: ignore[attr-defined]
    assert marked.selectedText() == "<button>Go</button>"
    line = editor.document().findBlock(marked.selectionStart()).blockNumber()
    first = editor.firstVisibleBlock().blockNumber()
    assert first <= line <= first + editor.verticalScrollBar().pageStep()
    scene.project.subject = None
    assert editor.extraSelections() == []


def colour_of(editor: CodeEditor, word: str) -> QColor:
    """The colour of a word where it comes last; invalid if it has none of its own."""
    block = editor.document().lastBlock()
    while word not in block.text():
        block = block.previous()
    at = block.text().index(word)
    for run in block.layout().formats():
        if run.start <= at < run.start + run.length:  # type: ignore[attr-defined]
            return run.format.foreground().color()  # type: ignore[attr-defined]
    return QColor()


def test_words_have_the_colours_of_the_theme_and_follow_it(
    scene: PageScene, editor: CodeEditor, shown: Theme, qtbot: QtBot
) -> None:
    for appearance in (Appearance.LIGHT, Appearance.DARK):
        shown.set_appearance(appearance)
        expected = [QColor(shown.colours.warning), QColor(shown.colours.good)]
        qtbot.waitUntil(lambda expected=expected: [colour_of(editor, word) for word in ("class", '"card"')] == expected)


def test_long_code_is_shown_at_once_and_coloured_to_its_end_bit_by_bit(
    scene: PageScene, editor: CodeEditor, shown: Theme, qtbot: QtBot
) -> None:
    code = "<style>\n" + ".card { color: red; margin: 0 auto; }\n" * 2000 + "</style>\n<p id='last'>\n"
    started = thread_time()
    written(scene, code)
    assert thread_time() - started < 0.1
    assert not colour_of(editor, "id").isValid()
    for theme in (Appearance.LIGHT, Appearance.DARK):
        shown.set_appearance(theme)
        qtbot.waitUntil(lambda: colour_of(editor, "id") == QColor(shown.colours.warning), timeout=20000)
        assert colour_of(editor, "auto") == QColor(shown.colours.good)
        assert colour_of(editor, "</style").isValid()


def test_taking_more_code_is_short(scene: PageScene, editor: CodeEditor) -> None:
    version = written(scene, LINES * 5)
    times = []
    for _ in range(20):
        started = perf_counter()
        version.html += "<p class='a'>forty more characters</p>\n"
        times.append(perf_counter() - started)
    assert sorted(times)[10] < 0.016


def test_numbers_take_their_room(qtbot: QtBot, shown: Theme) -> None:
    pane = CodePane(lambda project, html, version: None)
    qtbot.addWidget(pane)
    pane.show()
    narrow = pane.editor.numbers_width()
    pane.editor.show_code("\n" * 1200)
    assert pane.editor.numbers_width() > narrow
    assert pane.editor.viewport().geometry().left() >= pane.editor.numbers_width()
