"""Settings: in force at once, and honest about what cannot be."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.state.preferences import DEFAULT_HOTKEY
from app.views.preferences.window import PreferencesWindow
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


def record(window: PreferencesWindow, qtbot: QtBot, key: Qt.Key, *held: Qt.KeyboardModifier) -> None:
    """Press the field, then these keys."""
    qtbot.mouseClick(window.recorder, Qt.MouseButton.LeftButton)
    modifiers = Qt.KeyboardModifier.NoModifier
    for modifier in held:
        modifiers |= modifier
    qtbot.keyClick(window.recorder, key, modifiers)


CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def test_the_next_keys_pressed_are_the_new_ones(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    assert window.recorder.text() == DEFAULT_HOTKEY
    qtbot.mouseClick(window.recorder, Qt.MouseButton.LeftButton)
    assert rig.hotkey.held == "", "otherwise they would never reach the field"
    assert window.recorder.text() == "Press keys…"
    qtbot.keyPress(window.recorder, Qt.Key.Key_Control, CTRL)
    qtbot.keyClick(window.recorder, Qt.Key.Key_K, CTRL | ALT)
    assert rig.hotkey.held == rig.preferences.hotkey == window.recorder.text() == "Ctrl+Alt+K"
    assert not window._problem.isVisible()


def test_taken_keys_are_said_and_the_old_ones_stay(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    record(window, qtbot, Qt.Key.Key_T, CTRL, ALT)
    assert "taken" in window._problem.text() and window._problem.isVisible()
    assert rig.hotkey.held == window.recorder.text() == DEFAULT_HOTKEY
    record(window, qtbot, Qt.Key.Key_Escape)
    assert rig.hotkey.held == DEFAULT_HOTKEY and not window._problem.isVisible()
    assert window.isVisible(), "Esc was for the field"


def test_backspace_takes_the_key_away_and_tab_is_a_key(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    record(window, qtbot, Qt.Key.Key_Backspace)
    assert rig.hotkey.held == "" and window.recorder.text() == "None"
    record(window, qtbot, Qt.Key.Key_Tab, CTRL)
    assert rig.hotkey.held == "Ctrl+Tab"


def test_looking_elsewhere_gives_the_old_key_back(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.recorder, Qt.MouseButton.LeftButton)
    window.menu_bar_only.setFocus()
    assert rig.hotkey.held == DEFAULT_HOTKEY and window.recorder.text() == DEFAULT_HOTKEY


def test_boxes_are_in_force_at_once(window: PreferencesWindow, rig: Rig, qtbot: QtBot) -> None:
    window.menu_bar_only.click()
    assert rig.preferences.menu_bar_only
    rig.preferences.menu_bar_only = False
    assert not window.menu_bar_only.isChecked()
    window.at_login.click()
    assert rig.login.is_on and window.at_login.isChecked()
    rig.login.refusal = "The Mac says no."
    window.at_login.click()
    assert window.at_login.isChecked() and window._problem.text() == "The Mac says no."
    window.close()
    rig.login.is_on = False
    window.present()
    assert not window.at_login.isChecked(), "somebody has changed it in the system's own settings"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
