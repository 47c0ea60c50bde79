"""Settings: in force at once, and honest about what cannot be."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.state.preference import Kind, Preference, rows_of
from app.state.preferences import DEFAULT_HOTKEY, QUICK_ASK, ROWS, Preferences
from app.views.dropdown import Dropdown
from app.views.number_field import NumberField
from app.views.preferences.key_recorder import KeyRecorder
from app.views.preferences.row_view import RowView
from app.views.preferences.window import PreferencesWindow
from app.views.segmented import Segmented
from app.views.switch import Switch
from app.views.theme import Theme
from tests.unit.app.actions.test_preferences import Rig


@pytest.fixture
def rig() -> Rig:
    rig = Rig("Ctrl+Alt+T")
    rig.actions.claim_hotkey(rig.press)
    return rig


@pytest.fixture
def window(rig: Rig, shown: Theme, qtbot: QtBot) -> PreferencesWindow:
    window = PreferencesWindow(rig.preferences, rig.actions)
    qtbot.addWidget(window)
    window.present()
    return window


def recorder(window: PreferencesWindow) -> KeyRecorder:
    """What the key is chosen with, to be seen."""
    window.show_section(QUICK_ASK)
    control = window.control("hotkey")
    assert isinstance(control, KeyRecorder)
    return control


def switch(window: PreferencesWindow, name: str) -> Switch:
    """The switch of a preference, to be seen."""
    window.show_section(window.rows[name].row.section)
    control = window.control(name)
    assert isinstance(control, Switch) and control.isVisible()
    return control


def record(window: PreferencesWindow, qtbot: QtBot, key: Qt.Key, *held: Qt.KeyboardModifier) -> None:
    """Press the field, then these keys."""
    qtbot.mouseClick(recorder(window), Qt.MouseButton.LeftButton)
    modifiers = Qt.KeyboardModifier.NoModifier
    for modifier in held:
        modifiers |= modifier
    qtbot.keyClick(recorder(window), key, modifiers)


CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def test_the_next_keys_pressed_are_the_new_ones(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    assert recorder(window).text() == DEFAULT_HOTKEY
    qtbot.mouseClick(recorder(window), Qt.MouseButton.LeftButton)
    assert rig.hotkey.held == "", "otherwise they would never reach the field"
    assert recorder(window).text() == "Press keys…"
    qtbot.keyPress(recorder(window), Qt.Key.Key_Control, CTRL)
    qtbot.keyClick(recorder(window), Qt.Key.Key_K, CTRL | ALT)
    assert rig.hotkey.held == rig.preferences.hotkey == recorder(window).text() == "Ctrl+Alt+K"
    assert not window.rows["hotkey"].problem


def test_taken_keys_are_said_and_the_old_ones_stay(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    record(window, qtbot, Qt.Key.Key_T, CTRL, ALT)
    assert "taken" in window.rows["hotkey"].problem
    assert rig.hotkey.held == recorder(window).text() == DEFAULT_HOTKEY
    record(window, qtbot, Qt.Key.Key_Escape)
    assert rig.hotkey.held == DEFAULT_HOTKEY and not window.rows["hotkey"].problem
    assert window.isVisible(), "Esc was for the field"


def test_backspace_takes_the_key_away_and_tab_is_a_key(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    record(window, qtbot, Qt.Key.Key_Backspace)
    assert rig.hotkey.held == "" and recorder(window).text() == "None"
    record(window, qtbot, Qt.Key.Key_Tab, CTRL)
    assert rig.hotkey.held == "Ctrl+Tab"


def test_looking_elsewhere_gives_the_old_key_back(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    qtbot.mouseClick(recorder(window), Qt.MouseButton.LeftButton)
    window.sections.setFocus()
    assert rig.hotkey.held == DEFAULT_HOTKEY and recorder(window).text() == DEFAULT_HOTKEY


def test_boxes_are_in_force_at_once(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    live, login = switch(window, "menu_bar_only"), switch(window, "opens_at_login")
    live.click()
    assert rig.preferences.menu_bar_only
    rig.preferences.menu_bar_only = False
    assert not live.isChecked()
    login.click()
    assert rig.login.is_on and login.isChecked()
    rig.login.refusal = "The Mac says no."
    login.click()
    assert login.isChecked() and window.rows["opens_at_login"].problem == "The Mac says no."
    window.close()
    rig.login.is_on = False
    window.present()
    assert not login.isChecked(), "somebody has changed it in the system's own settings"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_every_preference_is_shown_in_its_section(window: PreferencesWindow) -> None:
    assert list(window.rows) == [row.name for row in ROWS]
    for name, view in window.rows.items():
        window.show_section(view.row.section)
        assert view.isVisible() and view.control.isVisible(), name


def test_choices_are_in_force_at_once_and_follow(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    look, size = window.control("appearance"), window.control("text_size")
    assert isinstance(look, Segmented) and isinstance(size, Dropdown)
    window.show_section(window.rows["appearance"].row.section)
    qtbot.mouseClick(look.segments[2], Qt.MouseButton.LeftButton)
    assert rig.preferences.appearance == look.current == "dark"
    size.setFocus()
    qtbot.keyClick(size, Qt.Key.Key_Down)
    assert rig.preferences.text_size == "110"
    rig.preferences.text_size = "200"
    assert size.currentText() == "200 %"


class Sample(Preferences):
    """Preferences of the kinds that may have no row yet."""

    minutes = Preference(15, QUICK_ASK, "Unload after", most=60, step=5, unit="minutes", zero="Never")
    address = Preference("", QUICK_ASK, "Address", hint="https://…")


def test_numbers_and_text(rig: Rig, qtbot: QtBot, shown: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes, address = rows_of(Sample)
    monkeypatch.setattr("app.actions.preferences.ROWS", (minutes, address))
    preferences = Sample()
    rig.actions._preferences = preferences
    around = QWidget()
    qtbot.addWidget(around)
    views = [RowView(row, preferences, rig.actions, around) for row in (minutes, address)]
    number, text = views[0].control, views[1].control
    assert isinstance(number, NumberField) and isinstance(text, QLineEdit)
    assert number.box.text() == "15 minutes" and text.placeholderText() == "https://…"
    number.box.stepUp()
    assert preferences.minutes == 20
    preferences.minutes = 0
    assert number.box.text() == "Never"
    qtbot.keyClicks(text, " http://box:1234 ")
    assert preferences.address == "", "half an address is none"
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert preferences.address == "http://box:1234"
    assert rig.actions.set("minutes", 61) and rig.actions.set("minutes", True) and preferences.minutes == 0
    assert minutes.kind is Kind.NUMBER and address.kind is Kind.TEXT
