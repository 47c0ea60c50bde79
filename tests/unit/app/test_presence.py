"""Prism on the desktop, with stand-ins for the desktop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import presence as module
from app.actions.catalogue import Actions
from app.platform.menu_bar import Entries
from app.presence import Presence
from app.state.engine_status import EngineState
from app.state.quick_ask import QuickAsk
from app.views.main_window import MainWindow
from mlx_gemma4.protocol.events import TextDelta
from tests.unit.app.actions.test_preferences import Rig as Choices
from tests.unit.app.scripted import Rig


class Item:
    """A place in a menu bar, if there is one."""

    def __init__(self, entries: Entries, clicked: Callable[[], None], is_shown: bool) -> None:
        self.entries, self.clicked, self.is_shown = entries, clicked, is_shown
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def choose(self, title: str) -> None:
        next(entry for entry in self.entries if entry is not None and entry.title == title).run()


class Desktop(QObject):
    """What the application object is to Presence."""

    applicationStateChanged = Signal(Qt.ApplicationState)

    def __init__(self) -> None:
        super().__init__()
        self.quits_with_window: bool | None = None
        self.has_quit = False
        self.opened: Callable[[list[str]], None] = lambda files: None

    def setQuitOnLastWindowClosed(self, quits: bool) -> None:
        self.quits_with_window = quits

    def take_files(self, opened: Callable[[list[str]], None]) -> None:
        self.opened = opened

    def quit(self) -> None:
        self.has_quit = True


class Awake:
    """Whether the machine stays awake."""

    held = False

    def hold(self) -> None:
        self.held = True

    def release(self) -> None:
        self.held = False


class Stage:
    """Everything that Presence connects; `start` makes it appear."""

    def __init__(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rig, self.app, self.awake, self.choices = rig, Desktop(), Awake(), Choices()
        self.has_menu_bar = True
        self.item: Item | None = None
        self.quick = QuickAsk(rig.session.engine)
        self.actions = Actions(
            rig.session, rig.bridge, list, lambda suggested: "", rig.renderer, quick=self.quick, capture=None
        )
        self.window = MainWindow(rig.session, self.actions)
        monkeypatch.setattr(module, "make_menu_bar_item", self._make_item)
        self.docked: list[bool] = []
        monkeypatch.setattr(module, "show_in_dock", self.docked.append)
        self.presence = Presence(
            self.app,  # pyright: ignore[reportArgumentType]
            self.window,
            rig.session,
            self.quick,
            self.actions,
            self.choices.preferences,
            self.choices.actions,
            self.awake,
        )

    def _make_item(self, entries: Entries, clicked: Callable[[], None]) -> Item:
        self.item = Item(entries, clicked, self.has_menu_bar)
        return self.item

    def start(self, *files: str) -> Item:
        self.presence.start(list(files))
        assert self.item is not None
        return self.item


@pytest.fixture
def stage(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    stage = Stage(rig, monkeypatch)
    yield stage
    stage.presence.close()
    for widget in (stage.presence.panel, stage.presence.settings, stage.window):
        widget.hide()
        widget.deleteLater()
        QApplication.sendPostedEvents(widget, QEvent.Type.DeferredDelete)
    stage.actions.close()


def test_the_window_is_there_and_is_the_end_of_it_when_closed(stage: Stage) -> None:
    stage.start()
    assert stage.window.isVisible() and stage.docked == [True] and stage.app.quits_with_window
    assert stage.choices.hotkey.held


def test_the_key_and_the_click_open_the_panel(stage: Stage) -> None:
    item = stage.start()
    stage.choices.hotkey.pressed()
    assert stage.presence.panel.isVisible()
    item.clicked()
    assert not stage.presence.panel.isVisible()


def test_every_entry_of_the_menu_does_something(stage: Stage) -> None:
    item = stage.start()
    item.choose("Quick Ask")
    assert stage.presence.panel.isVisible()
    stage.window.hide()
    item.choose("Open Prism")
    assert stage.window.isVisible()
    item.choose("Settings…")
    assert stage.presence.settings.isVisible()
    item.choose("Quit Prism")
    assert stage.app.has_quit
    titles = [entry.title for entry in item.entries if entry is not None]
    assert titles == ["Quick Ask", "Ask About a Region", "Open Prism", "Settings…", "Quit Prism"]


def test_in_the_menu_bar_alone_there_is_no_window_until_it_is_wanted(stage: Stage, picture: str) -> None:
    stage.choices.preferences.menu_bar_only = True
    stage.start()
    assert not stage.window.isVisible() and stage.docked[-1] is False and stage.app.quits_with_window is False
    stage.app.opened([picture])
    assert stage.window.isVisible() and stage.rig.session.attachments.count == 1
    stage.window.hide()
    stage.choices.preferences.menu_bar_only = False
    assert stage.window.isVisible() and stage.docked[-1] is True


def test_without_a_menu_bar_the_window_stays_and_that_is_said(stage: Stage) -> None:
    stage.has_menu_bar = False
    stage.choices.preferences.menu_bar_only = True
    stage.start()
    assert stage.window.isVisible() and stage.app.quits_with_window
    assert "no menu bar or tray" in stage.rig.session.notices.items[0].text


def test_files_come_with_the_start_or_later_and_bring_the_window(stage: Stage, picture: str) -> None:
    stage.start(picture)
    stage.window.hide()
    stage.app.opened([picture])
    assert stage.window.isVisible() and stage.rig.session.attachments.count == 2
    stage.app.opened([])
    assert stage.rig.session.attachments.count == 2


def test_a_click_on_the_dock_icon_brings_a_closed_window_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.start()
    active = Qt.ApplicationState.ApplicationActive
    stage.window.hide()
    stage.app.applicationStateChanged.emit(active)
    assert not stage.window.isVisible(), "only a Mac has a Dock"
    stage.quick.is_open = True
    monkeypatch.setattr(module, "sys", SimpleNamespace(platform="darwin"))
    stage.app.applicationStateChanged.emit(active)
    assert not stage.window.isVisible(), "the panel makes Prism active, and the window stays as it was"
    stage.quick.is_open = False
    stage.app.applicationStateChanged.emit(active)
    assert stage.window.isVisible()


def test_the_machine_stays_awake_while_either_is_answered(stage: Stage, qtbot: QtBot) -> None:
    stage.start()
    rig = stage.rig
    stage.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    assert not stage.awake.held
    rig.answer = lambda ask: [(0.0, TextDelta("Well"))]
    stage.actions.conversation.ask("One")
    stage.quick.session.draft.text = "Two"
    stage.actions.quick.conversation.send.trigger()
    qtbot.waitUntil(lambda: len(rig.asks()) == 2)
    assert stage.awake.held
    stage.actions.conversation.stop.trigger()
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    assert stage.awake.held
    stage.actions.quick.close.trigger()
    assert not stage.awake.held
