"""The whole window over a scripted engine."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.state.engine_status import EngineState
from app.state.turn import TurnStatus
from app.views.composer.question_field import QuestionField
from app.views.conversation.conversation_view import ConversationView
from app.views.drop_overlay import DropOverlay
from app.views.main_window import MainWindow
from app.views.models.server_form import ServerForm
from app.views.notice_bar import NoticeCard
from app.views.sample_card import SampleCard
from app.views.theme import Theme
from mlx_gemma4.protocol.events import TextDelta, TurnFinished
from tests.unit.app.scripted import Rig


class Drag:
    """Something held over the window by the pointer."""

    def __init__(self, window: MainWindow, *paths: str | Path, link: str = "") -> None:
        self._window = window
        self._mime = QMimeData()
        self._mime.setUrls([QUrl(link)] if link else [QUrl.fromLocalFile(str(path)) for path in paths])

    def enter(self) -> tuple[bool, DropOverlay]:
        """Over the edge; whether the window is interested, and what it says."""
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        event = QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, self._mime, buttons, keys)
        QApplication.sendEvent(self._window, event)
        overlay = self._window.findChild(DropOverlay)
        assert isinstance(overlay, DropOverlay)
        return event.isAccepted(), overlay

    def leave(self) -> None:
        """Out again."""
        QApplication.sendEvent(self._window, QDragLeaveEvent())

    def drop(self) -> None:
        """Let go."""
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        event = QDropEvent(QPointF(400, 300), Qt.DropAction.CopyAction, self._mime, buttons, keys)
        QApplication.sendEvent(self._window, event)
        assert event.isAccepted()


def test_a_drag_is_told_what_will_happen_and_a_drop_attaches(window: MainWindow, rig: Rig, picture: str) -> None:
    drag = Drag(window, picture)
    accepted, overlay = drag.enter()
    assert accepted and overlay.isVisible() and overlay.accessibleName() == "Ask about this picture"
    assert overlay.geometry() == window.rect()
    drag.leave()
    assert not overlay.isVisible() and rig.session.attachments.count == 0
    drag.enter()
    drag.drop()
    assert not overlay.isVisible() and rig.session.attachments.count == 1


@pytest.mark.parametrize("kind", ["folder", "missing", "link", "key"])
def test_what_cannot_be_asked_about_gets_one_sentence_and_the_window_stays_usable(
    window: MainWindow, rig: Rig, qtbot: QtBot, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "slides.key").touch()
    paths = {"folder": tmp_path, "missing": tmp_path / "gone.png", "key": tmp_path / "slides.key", "link": ""}
    drag = Drag(window, paths[kind], link="https://example.org/a.png" if kind == "link" else "")
    accepted, overlay = drag.enter()
    assert accepted and overlay.accessibleName()
    drag.drop()
    (card,) = window.findChildren(NoticeCard)
    assert card.isVisible() and overlay.accessibleName() in card.accessibleName()
    rig.actions.conversation.ask("Hello?")
    qtbot.waitUntil(lambda: rig.session.conversation.turns[0].status is TurnStatus.DONE)


def test_dragged_words_are_none_of_our_business(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setText("hello")
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()


def test_no_part_of_the_window_takes_drops_away_from_it(window: MainWindow, rig: Rig, picture: str) -> None:
    rig.actions.attachments.add_files([picture])
    rig.actions.conversation.ask("Where?")
    QApplication.processEvents()
    assert [child for child in window.findChildren(QWidget) if child.acceptDrops()] == []


def test_every_action_is_in_the_menu_bar_with_its_keys(window: MainWindow, rig: Rig) -> None:
    entries = {entry.objectName(): entry for entry in window.menuBar().findChildren(QAction) if entry.objectName()}
    for _, actions in rig.actions.menus:
        for action in actions:
            if action is not None:
                entry = entries[action.id]
                assert entry.isEnabled() == action.enabled
                assert [key.toString() for key in entry.shortcuts()] == [*action.shortcuts]


def test_the_edit_menu_acts_on_the_words_that_have_the_keyboard(window: MainWindow, rig: Rig, qtbot: QtBot) -> None:
    entries = {entry.text(): entry for entry in window.menuBar().findChildren(QAction)}
    window.activateWindow()
    field = window.findChild(QuestionField)
    assert isinstance(field, QuestionField)
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "Where?")
    entries["Undo"].trigger()
    assert field.toPlainText() == ""
    entries["Redo"].trigger()
    entries["Select All"].trigger()
    entries["Copy"].trigger()
    assert QApplication.clipboard().text() == "Where?"
    entries["Cut"].trigger()
    assert field.toPlainText() == ""
    rig.actions.conversation.ask("Where?")
    turn = rig.session.conversation.turns[0]
    qtbot.waitUntil(lambda: turn.status is TurnStatus.DONE)
    entries["Copy"].trigger()
    assert QApplication.clipboard().text() == turn.text
    keys = [key.toString() for entry in window.menuBar().findChildren(QAction) for key in entry.shortcuts()]
    assert len(keys) == len(set(keys))


def test_escape_stops_an_answer_and_control_r_asks_again(window: MainWindow, rig: Rig, qtbot: QtBot) -> None:
    rig.answer = lambda _: [(0.0, TextDelta("Once"))]
    window.activateWindow()
    field = window.findChild(QuestionField)
    assert isinstance(field, QuestionField)
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "A story!")
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    turn = rig.session.conversation.turns[0]
    qtbot.waitUntil(lambda: turn.status is TurnStatus.ANSWERING)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: turn.status is TurnStatus.STOPPED)
    qtbot.keyClick(field, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    (again,) = rig.session.conversation.turns
    qtbot.waitUntil(lambda: again.status is TurnStatus.ANSWERING)
    qtbot.keyClick(field, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: again.status is TurnStatus.STOPPED)
    qtbot.keyClick(field, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert rig.session.conversation.turns == []


def test_everything_that_can_be_pressed_has_a_name_and_the_keyboard_reaches_it(
    window: MainWindow, rig: Rig, qtbot: QtBot, picture: str
) -> None:
    rig.actions.attachments.add_files([picture])
    rig.actions.conversation.ask("Where?")
    qtbot.waitUntil(lambda: rig.session.conversation.turns[0].status is TurnStatus.DONE)
    QApplication.processEvents()
    buttons = [found for found in window.findChildren(QAbstractButton) if found.isVisible()]
    assert len(buttons) > 8
    nameless = [found for found in buttons if not (found.accessibleName() or found.text())]
    assert nameless == []
    unreachable = [found for found in buttons if not found.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert [found.accessibleName() or found.text() for found in unreachable] == []


def test_tab_goes_through_the_window_in_reading_order(window: MainWindow, rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.actions.attachments.add_files([picture])
    rig.actions.conversation.ask("Where?")
    qtbot.waitUntil(lambda: rig.session.conversation.turns[0].status is TurnStatus.DONE)
    rig.actions.attachments.add_files([picture])
    window.activateWindow()
    start = window.findChild(QuestionField)
    assert isinstance(start, QuestionField)
    qtbot.waitUntil(start.hasFocus)
    names: list[str] = []
    for _ in range(60):
        here = QApplication.focusWidget()
        names.append(here.accessibleName())
        qtbot.keyClick(here, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is start:
            break
    left = ["Show blue.png", "Show text", "Box: star", "Copy answer", "Ask again"]
    order = ["Question", "Add Files", "Send", "Show Stage", "New Conversation", *left]
    assert [name for name in names if name in order] == order
    assert any(name.startswith("blue.png,") for name in names)
    qtbot.keyClick(start, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget().accessibleName() == names[-1]


def test_page_keys_turn_the_pages_of_the_conversation(window: MainWindow, rig: Rig, qtbot: QtBot) -> None:
    rig.answer = lambda _: [(0.0, TextDelta("A line.\n" * 300)), (0.0, TurnFinished("end_of_turn"))]
    rig.actions.conversation.ask("A long story!")
    view = window.findChild(ConversationView)
    field = window.findChild(QuestionField)
    assert isinstance(view, ConversationView) and isinstance(field, QuestionField)
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 1000)
    qtbot.keyClick(field, Qt.Key.Key_PageUp)
    assert bar.value() < bar.maximum() - 100
    qtbot.keyClick(field, Qt.Key.Key_PageDown)
    assert bar.value() == bar.maximum()


def test_a_dead_engine_is_a_notice_whose_button_starts_another(window: MainWindow, rig: Rig, qtbot: QtBot) -> None:
    rig.client.exit(-9)
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.GONE)
    (card,) = window.findChildren(NoticeCard)
    restart = card.findChild(QPushButton)
    assert isinstance(restart, QPushButton) and restart.text() == "Restart"
    qtbot.mouseClick(restart, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    assert rig.session.notices.items == ()


def test_a_sample_is_asked_about_by_a_click(window: MainWindow, rig: Rig, qtbot: QtBot) -> None:
    from app.views.empty_state import EmptyState

    empty = window.findChild(EmptyState)
    assert isinstance(empty, EmptyState) and empty.isVisible()
    card = empty.findChildren(SampleCard)[0]
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rig.session.conversation.count == 1 and rig.session.stage.is_open)
    assert not empty.isVisible() and len(rig.session.conversation.turns[0].attachments) == 1


def test_a_closed_window_listens_to_nothing(rig: Rig, qtbot: QtBot, shown: Theme, picture: str) -> None:
    window = MainWindow(rig.session, rig.actions)
    rig.actions.engine.start()
    rig.actions.attachments.add_files([picture])
    rig.actions.conversation.ask("Where?")
    qtbot.waitUntil(lambda: rig.session.conversation.turns[0].status is TurnStatus.DONE)
    gone: list[bool] = []
    window.destroyed.connect(lambda: gone.append(True))
    window.deleteLater()
    qtbot.waitUntil(lambda: gone == [True])
    turn = rig.session.conversation.turns[0]
    turn.append_text("late")
    turn.add_box((1, 2, 3, 4), "late", 0)
    rig.session.stage.hovered = 0
    rig.session.engine.state = EngineState.GONE
    rig.actions.conversation.new.trigger()
    rig.actions.attachments.add_files([picture])


def test_the_end_of_an_answer_takes_the_keyboard_from_no_one_who_is_busy_elsewhere(
    window: MainWindow, rig: Rig, qtbot: QtBot
) -> None:
    rig.answer = lambda ask: [(0.0, TextDelta("Here:"))]
    rig.actions.conversation.ask("What is this?")
    qtbot.waitUntil(lambda: bool(rig.session.conversation.turns[-1].text))
    rig.actions.servers.connect_action.trigger()
    (form,) = window.findChildren(ServerForm)
    qtbot.waitUntil(form.address.hasFocus)
    rig.actions.conversation.stop.trigger()
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    assert form.address.hasFocus()
