"""Words that grow: nothing between them is lost, nothing around them is shown."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.views.streamed_text import StreamedText
from app.views.theme import Theme, Type, type_font


@pytest.fixture
def window(qtbot: QtBot, shown: Theme) -> QWidget:
    """With a layout, as in a conversation."""
    window = QWidget()
    qtbot.addWidget(window)
    words = StreamedText(type_font(Type.CONVERSATION), "Answer", line_height=118)
    column = QVBoxLayout(window)
    column.addWidget(words)
    column.addStretch(1)
    window.resize(300, 400)
    window.show()
    return window


@pytest.fixture
def words(window: QWidget) -> StreamedText:
    """In the window, without a word."""
    found = window.findChild(StreamedText)
    assert isinstance(found, StreamedText)
    return found


def test_empty_lines_between_words_stay_and_those_around_them_wait(words: StreamedText) -> None:
    for piece in ("\n\n", "One", "\n", "\n", "two.", "\n\n"):
        words.append_text(piece)
        words.flush()
    assert words.toPlainText() == "One\n\ntwo."


def test_pieces_that_come_together_are_shown_together_and_soon(qtbot: QtBot, words: StreamedText) -> None:
    for piece in "a star ":
        words.append_text(piece)
    assert words.toPlainText() == ""
    qtbot.waitUntil(lambda: words.toPlainText() == "a star ", timeout=500)


def test_it_is_as_tall_as_its_words_also_after_its_width_has_changed(window: QWidget, words: StreamedText) -> None:
    words.append_text("A line that is long enough to be broken into several. " * 4)
    words.flush()
    QApplication.processEvents()
    tall = words.height()
    assert tall == -(-words.document().size().height() // 1)
    window.resize(900, 400)
    QApplication.processEvents()
    assert words.height() < tall
    assert words.verticalScrollBar().maximum() == 0


def test_the_wheel_belongs_to_what_is_around_it(words: StreamedText) -> None:
    nothing, buttons = QPointF(5, 5), Qt.MouseButton.NoButton
    keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(nothing, nothing, QPoint(), QPoint(0, 120), buttons, keys, phase, False)
    words.wheelEvent(event)
    assert not event.isAccepted()
