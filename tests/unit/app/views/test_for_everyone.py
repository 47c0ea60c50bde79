"""Announcements, room for large text, focus that is seen, and a window that comes back as it was left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.state.notices import Notice
from app.state.preferences import Preferences
from app.store.left_off import FILE, FOLDER, LeftOff, LeftOffStore
from app.views.announcing import Announcer
from app.views.main_window import MainWindow
from app.views.reading_order import focus_stops
from app.views.remembering import Remembering
from app.views.sidebar.sidebar import Sidebar
from app.views.text_size import dress
from app.views.theme import Theme
from mlx_gemma4.protocol.events import EngineFailed, TextDelta, TurnFinished
from tests.unit.app.scripted import Rig


@pytest.fixture
def window(window: MainWindow, rig: Rig) -> MainWindow:
    """One that keeps conversations, so that their list is there."""
    rig.session.library.is_kept = True
    return window


def test_begin_end_and_errors_are_said_and_no_single_word(window: MainWindow, rig: Rig, qtbot: QtBot) -> None:
    said: list[str] = []
    Announcer(rig.session, window, said.append)
    rig.answer = lambda ask: [(0.0, TextDelta("a ")), (0.0, TextDelta("b")), (0.0, TurnFinished("end_of_turn"))]
    rig.actions.conversation.ask("What?")
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    assert said == ["Answering…", "The answer is complete."]
    said.clear()
    rig.answer = lambda ask: [(0.0, EngineFailed("x.y", "It broke.", "Try again.", True))]
    rig.actions.conversation.ask("What?")
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    assert said == ["Answering…", "It broke. Try again."]
    said.clear()
    rig.session.notices.show(Notice("info", "A file was left out.", "x"))
    rig.session.notices.show(Notice("info", "Another thing.", "y"))
    assert said == ["A file was left out.", "Another thing."]


def test_every_stop_of_the_keyboard_can_be_seen(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    stops = focus_stops(window)
    assert len(stops) > 6
    for stop in stops:
        stop.clearFocus()
        QApplication.processEvents()
        before = window.grab().toImage()
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        assert window.grab().toImage() != before, f"{type(stop).__name__} {stop.accessibleName()}"


def test_large_text_in_a_small_window_leaves_out_what_has_no_room(
    window: MainWindow, rig: Rig, shown: Theme, picture: str, qtbot: QtBot
) -> None:
    library, stage = rig.session.library, rig.session.stage
    window.resize(860, 560)
    assert library.is_shown, "there is room at the usual size"
    shown.set_text_scale(2)
    qtbot.waitUntil(lambda: not library.is_shown)
    assert window.room.sidebar_wanted
    rig.actions.attachments.add_files([picture])
    rig.actions.conversation.ask("What?")
    qtbot.waitUntil(lambda: stage.is_open and rig.session.conversation.idle)
    left = window.splitter.widget(0)
    assert not left.isVisible() and window.splitter.widget(1).isVisible()
    rig.actions.view.toggle_stage.trigger()
    assert left.isVisible()
    library.is_shown = True
    assert library.is_shown and window.findChild(Sidebar).isVisible(), "who wants it gets it"  # pyright: ignore
    library.is_shown = False
    shown.set_text_scale(1)
    QApplication.processEvents()
    assert not library.is_shown, "and who does not, does not"


def test_the_size_of_text_changes_at_once(window: MainWindow, shown: Theme) -> None:
    preferences = Preferences()
    dress(shown, preferences)
    field, before = window._composer.field, window._composer.field.font().pixelSize()
    preferences.text_size = "200"
    assert field.font().pixelSize() == 2 * before
    preferences.text_size = "100"
    assert field.font().pixelSize() == before


def remembered(window: MainWindow, rig: Rig, folder: Path) -> LeftOffStore:
    store = LeftOffStore(folder)
    Remembering(window, rig.session, rig.actions, store)
    return store


def test_the_draft_is_on_the_disk_within_a_second(
    window: MainWindow, rig: Rig, tmp_path: Path, picture: str, qtbot: QtBot
) -> None:
    remembered(window, rig, tmp_path)
    rig.session.draft.text = "half a quest"
    rig.actions.attachments.add_files([picture])
    file = tmp_path / FILE
    qtbot.waitUntil(lambda: file.is_file() and picture in file.read_text(), timeout=1000)
    assert json.loads(file.read_text())["draft"] == "half a quest"
    left = LeftOffStore(tmp_path).read()
    assert left.draft == "half a quest" and left.files == (picture,)


def test_the_window_comes_back_as_it_was_left(window: MainWindow, rig: Rig, tmp_path: Path, qtbot: QtBot) -> None:
    store = remembered(window, rig, tmp_path)
    window.resize(1000, 640)
    rig.session.library.is_shown = False
    rig.session.draft.text = "go on"
    store.write()
    other = Rig()
    again = MainWindow(other.session, other.actions)
    qtbot.addWidget(again)
    remembered(again, other, tmp_path)
    assert again.height() == 640, "its width is more than this screen's"
    assert not other.session.library.is_shown and other.session.draft.text == "go on"
    other.close()


@pytest.mark.parametrize("text", ["", "[]", '{"place": 3, "widths": ["a"], "draft": null, "files": 7, "stage": "x"}'])
def test_a_damaged_file_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert LeftOffStore(tmp_path).read() == LeftOff()


def test_what_was_pasted_is_copied_since_it_ends_with_this_prism(tmp_path: Path) -> None:
    store = LeftOffStore(tmp_path)
    pasted = tmp_path / "prism-pasted" / "Pasted picture 1.png"
    pasted.parent.mkdir()
    pasted.write_bytes(b"png")
    (kept,) = store.own([str(pasted)])
    assert Path(kept) == tmp_path / FOLDER / pasted.name and Path(kept).read_bytes() == b"png"
    assert store.own([kept]) == (kept,)
    store.own([])
    assert not (tmp_path / FOLDER).exists()
