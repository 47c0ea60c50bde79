"""Times in an answer: which words are one, and where a click or a key leads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.state.answer_blocks import AnswerSplitter
from app.views.main_window import move_focus
from app.views.markdown.answer_text import AnswerText
from app.views.markdown.link_menu import LinkMenu
from app.views.markdown.times import address_of, moment_of, times_in
from app.views.theme import Theme

ANSWER = "At 0:03 it falls, **0:05** it ends; 1:00 is no moment. `0:04`\n\n- 0:01–0:02 it begins, see https://a.example/0:03\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("0:03", [("0:03", 3)]),
        ("[0:20] Good", [("0:20", 20)]),
        ("00:03–00:05, 1:02:05.", [("00:03–00:05", 3), ("1:02:05", 3725)]),
        ("12:34.5 and 75:10", [("12:34.5", 754.5), ("75:10", 4510)]),
        ("at 3.2 s it", [("3.2 s", 3.2)]),
        ("between 3 and 5 seconds", [("3 and 5 seconds", 3)]),
        ("from 3s to 5s", [("3s to 5s", 3)]),
        ("Around the 4 second mark", [("4 second", 4)]),
        ("It lasts 6 seconds, 16:9, 1:100, 0:60, a:03, 3:45/4", []),
        ("at 10:30 am, at 10:30 o'clock, at 4 sets", []),
    ],
)
def test_times_as_models_write_them(words: str, found: list[tuple[str, float]]) -> None:
    assert [(words[time.start : time.end], time.seconds) for time in times_in(words)] == found


def test_addresses_of_moments() -> None:
    assert moment_of(address_of(3.25)) == 3.25
    assert moment_of("https://a.example/0:03") is None and moment_of("moment:soon") is None


class Root(QWidget):
    """Moves the keyboard as the window does."""

    def focusNextPrevChild(self, forward: bool) -> bool:
        return move_focus(self, forward)


@pytest.fixture
def text(qtbot: QtBot, shown: Theme) -> Iterator[AnswerText]:
    """An answer about a clip of ten seconds, between two buttons."""
    root = Root()
    column = QVBoxLayout(root)
    text = AnswerText(root, lambda seconds: seconds <= 10)
    for widget in (QPushButton("before"), text, QPushButton("behind")):
        column.addWidget(widget)
    splitter = AnswerSplitter()
    for block in (*splitter.feed(ANSWER), *splitter.finish()):
        text.add(block)
    text.flush()
    qtbot.addWidget(root)
    root.resize(500, 300)
    root.show()
    root.activateWindow()
    qtbot.waitUntil(text.isVisible)
    root.findChildren(QPushButton)[0].setFocus()
    yield text
    root.close()


def test_only_times_that_there_are_lead_somewhere(text: AnswerText) -> None:
    assert text.toHtml().count('href="moment:') == 3


def test_tab_goes_from_time_to_time_and_return_goes_there(text: AnswerText, qtbot: QtBot) -> None:
    wanted: list[float] = []
    text.moment_wanted.connect(wanted.append)
    seen = []
    for _ in range(4):
        focused = text.window().focusWidget()
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
        seen.append(text.textCursor().selectedText())
        if len(seen) < 4:
            qtbot.keyClick(text, Qt.Key.Key_Return)
    assert seen == ["0:03", "0:05", "0:01–0:02", "https://a.example/0:03"] and wanted == [3, 5, 1]
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    assert not text.hasFocus()


def test_a_click_goes_there_and_asks_nothing(text: AnswerText, qtbot: QtBot) -> None:
    line = next(y for y in range(40) if text.anchorAt(QPoint(30, y)) or text.anchorAt(QPoint(25, y)))
    with qtbot.waitSignal(text.moment_wanted) as asked:
        qtbot.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(27, line + 4))
    assert asked.args == [3.0]
    assert not text.findChildren(LinkMenu)


def test_where_nothing_can_be_gone_to_times_are_words_and_tab_passes_by(qtbot: QtBot, shown: Theme) -> None:
    text, splitter = AnswerText(), AnswerSplitter()
    qtbot.addWidget(text)
    for block in (*splitter.feed("At 0:03 it falls."), *splitter.finish()):
        text.add(block)
    assert "href" not in text.toHtml()
    assert not text.focusPolicy() & Qt.FocusPolicy.TabFocus
