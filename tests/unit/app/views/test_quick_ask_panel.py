"""The panel over a scripted engine: where it is, how large, and what its keys do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QCursor, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.state.engine_status import EngineState
from app.state.notices import Notice
from app.views.quick_ask import panel as module
from app.views.quick_ask.panel import MOST, WIDTH, QuickAskPanel
from app.views.quick_ask.thumbs import Thumbs
from app.views.theme import Theme
from app.views.thumbnail import Thumbnail
from mlx_gemma4.protocol.events import TextDelta, TurnFinished
from tests.unit.app.actions.test_quick_ask import QuickRig


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[QuickRig]:
    rig = QuickRig()
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    yield rig
    rig.close()


@pytest.fixture
def ran() -> list[str]:
    """Actions of the window that a notice's button has run."""
    return []


@pytest.fixture
def panel(rig: QuickRig, shown: Theme, ran: list[str]) -> Iterator[QuickAskPanel]:
    panel = QuickAskPanel(rig.quick, rig.panel, ran.append)
    panel.warm_up()
    yield panel
    panel.hide()
    panel.deleteLater()
    QApplication.sendPostedEvents(panel, QEvent.Type.DeferredDelete)


def opened(panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot) -> None:
    rig.panel.toggle.trigger()
    qtbot.waitUntil(panel.isVisible)


def test_it_opens_in_the_upper_third_of_the_screen_with_the_pointer(
    panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot
) -> None:
    opened(panel, rig, qtbot)
    screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
    room, place = screen.availableGeometry(), panel.geometry()
    assert (place.width(), place.height()) == (WIDTH, 64)
    assert abs(place.center().x() - room.center().x()) <= 1
    assert place.center().y() < room.top() + room.height() / 3
    qtbot.waitUntil(panel.bar.field.hasFocus)


def test_keys_reach_the_question_and_return_asks_it(panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot) -> None:
    opened(panel, rig, qtbot)
    qtbot.keyClicks(panel.bar.field, "Hello")
    assert rig.other.draft.text == "Hello" and rig.session.draft.text == ""
    qtbot.keyClick(panel.bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rig.other.conversation.count == 1 and rig.other.conversation.idle)
    assert rig.asks()[0].urgent


def test_it_grows_with_the_answer_up_to_its_limit_and_stays_where_it_is(
    panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot
) -> None:
    opened(panel, rig, qtbot)
    place = panel.pos()
    rig.answer = lambda ask: [(0.0, TextDelta("A word. ")), (0.2, TextDelta("More words. " * 400))]
    rig.ask_quickly("Tell me")
    qtbot.waitUntil(lambda: 100 < panel.height() < MOST)
    qtbot.waitUntil(lambda: panel.height() == MOST)
    assert panel.pos() == place and panel.width() == WIDTH
    scroll = panel.answer._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: scroll.maximum() > 0 and scroll.value() == scroll.maximum())
    qtbot.keyClick(panel.bar.field, Qt.Key.Key_PageUp)
    assert scroll.value() < scroll.maximum(), "page keys turn the answer"


def test_the_picture_has_its_boxes_beside_the_answer(
    panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot, picture: str
) -> None:
    opened(panel, rig, qtbot)
    assert not panel.answer.canvas.isVisible()
    rig.panel.attachments.add_files([picture])
    thumb = panel.bar.findChild(Thumbnail)
    assert isinstance(thumb, Thumbnail) and thumb.x() < panel.bar.field.x()
    rig.ask_quickly("Where?")
    qtbot.waitUntil(lambda: panel.answer.canvas.has_picture and len(panel.answer.canvas.layer.visible()) == 1)
    assert panel.answer.canvas.isVisible() and 64 < panel.height() <= MOST
    assert panel.answer.canvas.geometry().right() < panel.answer._scroll.x() + 1


def test_a_click_on_a_thumbnail_takes_it_out_and_many_are_counted(
    panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot, picture: str
) -> None:
    opened(panel, rig, qtbot)
    rig.panel.attachments.add_files([picture])
    thumb = panel.bar.findChild(Thumbnail)
    assert isinstance(thumb, Thumbnail)
    qtbot.mouseClick(thumb, Qt.MouseButton.LeftButton)
    assert rig.other.attachments.count == 0
    for _ in range(6):
        rig.panel.attachments.add_files([picture])
    thumbs = panel.bar.findChild(Thumbs)
    assert isinstance(thumbs, Thumbs)
    assert sum(thumb.isVisible() for thumb in thumbs._thumbs.values()) == 4 and thumbs._more.text() == "+2"


def test_a_file_that_cannot_be_used_is_said_in_place(panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot) -> None:
    opened(panel, rig, qtbot)
    rig.panel.attachments.add_files([__file__])
    qtbot.waitUntil(lambda: panel.height() > 64)
    assert "export a picture" in rig.other.notices.items[0].text


def test_esc_closes_and_gives_the_keyboard_back(
    panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[bool] = []
    monkeypatch.setattr(module, "remember_focus", lambda: lambda: given_back.append(True))
    opened(panel, rig, qtbot)
    assert not given_back
    qtbot.keyClick(panel.bar.field, Qt.Key.Key_Escape)
    assert not panel.isVisible() and not rig.quick.is_open
    qtbot.waitUntil(lambda: given_back == [True])
    opened(panel, rig, qtbot)
    QApplication.sendEvent(panel, QCloseEvent())
    assert not panel.isVisible()
    qtbot.waitUntil(lambda: given_back == [True, True])


def test_opened_again_at_once_it_keeps_the_keyboard_and_gives_it_back_later(
    panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[str] = []
    places = iter(("first", "in between"))

    def remember() -> Callable[[], None]:
        place = next(places)
        return lambda: given_back.append(place)

    monkeypatch.setattr(module, "remember_focus", remember)
    opened(panel, rig, qtbot)
    rig.panel.toggle.trigger()
    opened(panel, rig, qtbot)
    qtbot.wait(150)
    assert not given_back
    rig.panel.toggle.trigger()
    qtbot.waitUntil(lambda: given_back == ["first"])


def test_it_steps_aside_for_a_region_with_the_question_as_it_is(
    panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot, picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[bool] = []
    monkeypatch.setattr(module, "remember_focus", lambda: lambda: given_back.append(True))
    opened(panel, rig, qtbot)
    qtbot.waitUntil(panel.isActiveWindow)
    qtbot.keyClicks(panel.bar.field, "Where")
    qtbot.keyClick(panel, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert not panel.isVisible() and rig.capture.choose is not None
    rig.capture.choose(picture)
    assert panel.isVisible() and panel.bar.field.toPlainText() == "Where"
    assert panel.focusWidget() is panel.bar.field
    assert not given_back


def test_what_is_kept_takes_the_keyboard_to_the_window(
    panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[bool] = []
    monkeypatch.setattr(module, "remember_focus", lambda: lambda: given_back.append(True))
    opened(panel, rig, qtbot)
    rig.ask_quickly("Hello")
    qtbot.waitUntil(lambda: rig.other.conversation.idle)
    qtbot.waitUntil(panel.isActiveWindow)
    with qtbot.waitSignal(rig.panel.window_wanted):
        qtbot.keyClick(panel.bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.wait(150)
    assert not panel.isVisible() and not given_back
    assert rig.session.conversation.count == 1


def test_the_round_button_stops_while_an_answer_comes(panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot) -> None:
    opened(panel, rig, qtbot)
    assert not panel.bar._send.isEnabled()
    rig.answer = lambda ask: [(0.0, TextDelta("Well")), (20.0, TurnFinished("end_of_turn"))]
    rig.ask_quickly("Hello")
    qtbot.waitUntil(lambda: bool(rig.other.conversation.turns[0].text))
    assert panel.bar._send.accessibleName() == "Stop"
    qtbot.mouseClick(panel.bar._send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rig.other.conversation.idle)
    assert panel.bar._send.accessibleName() == "Send"


def test_files_can_be_dropped_and_pasted(panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot, picture: str) -> None:
    opened(panel, rig, qtbot)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(picture)])
    buttons, keys, action = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(300, 20), action, mime, buttons, keys)
    QApplication.sendEvent(panel, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(panel, QDropEvent(QPointF(300, 20), action, mime, buttons, keys))
    panel.bar.field.insertFromMimeData(mime)
    assert rig.other.attachments.count == 2 and rig.session.attachments.count == 0


def test_a_notices_button_does_what_it_says_here_or_in_the_window(
    panel: QuickAskPanel, rig: QuickRig, qtbot: QtBot, ran: list[str]
) -> None:
    opened(panel, rig, qtbot)
    rig.other.notices.show(Notice("problem", "The engine stopped.", "engine", "Restart", "engine.restart"))
    qtbot.waitUntil(lambda: panel.height() > 90)
    button = next(b for b in panel.findChildren(QPushButton) if isinstance(b, QPushButton) and b.text() == "Restart")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert ran == ["engine.restart"]
    qtbot.waitUntil(lambda: panel.height() == 64)


def test_larger_text_has_a_larger_panel(rig: QuickRig, shown: Theme, qtbot: QtBot) -> None:
    shown.set_text_scale(2.0)
    panel = QuickAskPanel(rig.quick, rig.panel, print)
    qtbot.addWidget(panel)
    opened(panel, rig, qtbot)
    assert panel.width() == 2 * WIDTH and panel.bar.field.height() > 40
