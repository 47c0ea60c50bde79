"""Keys with modifiers, as people and systems write them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.platform.hotkey_mac import _name_of
from app.platform.hotkey_x11 import symbol_of
from app.platform.key_names import KeyPress
from app.state.preferences import DEFAULT_HOTKEY

ALT, SHIFT, CTRL = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def test_a_key_is_taken_apart(qapp: QApplication) -> None:
    assert KeyPress.parse(DEFAULT_HOTKEY) == KeyPress(Qt.Key.Key_Space, frozenset({ALT, SHIFT}))
    assert KeyPress.parse("Ctrl+F5") == KeyPress(Qt.Key.Key_F5, frozenset({CTRL}))


@pytest.mark.parametrize("keys", ["", "K", "Shift+K", "Ctrl+K, Ctrl+L", "Ctrl+Nonsense", "Ctrl+", "Shift+F5"])
def test_what_would_be_lost_to_everybody_else_or_is_no_key_is_none(qapp: QApplication, keys: str) -> None:
    assert KeyPress.parse(keys) is None


@pytest.mark.parametrize(
    ("key", "symbol", "name"),
    [
        (Qt.Key.Key_Space, 0x20, "kVK_Space"),
        (Qt.Key.Key_K, ord("k"), "kVK_ANSI_K"),
        (Qt.Key.Key_7, ord("7"), "kVK_ANSI_7"),
        (Qt.Key.Key_F1, 0xFFBE, "kVK_F1"),
        (Qt.Key.Key_F12, 0xFFC9, "kVK_F12"),
        (Qt.Key.Key_Left, 0xFF51, "kVK_LeftArrow"),
        (Qt.Key.Key_Return, 0xFF0D, "kVK_Return"),
        (Qt.Key.Key_Comma, ord(","), "kVK_ANSI_Comma"),
        (Qt.Key.Key_MediaPlay, None, ""),
    ],
)
def test_each_system_has_its_own_name_for_it(key: Qt.Key, symbol: int | None, name: str) -> None:
    assert symbol_of(key) == symbol
    assert _name_of(key) == name
