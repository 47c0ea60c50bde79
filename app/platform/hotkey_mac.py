"""A key of our own on a Mac: Carbon's hot keys, which need no permission."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from PySide6.QtCore import Qt

from app.platform.hotkey import taken, unusable
from app.platform.key_names import KeyPress

_MASKS = {  # Carbon's; Qt calls ⌘ Control and ⌃ Meta
    Qt.KeyboardModifier.ShiftModifier: 0x0200,
    Qt.KeyboardModifier.ControlModifier: 0x0100,
    Qt.KeyboardModifier.AltModifier: 0x0800,
    Qt.KeyboardModifier.MetaModifier: 0x1000,
}
_NAMES = {
    Qt.Key.Key_Space: "kVK_Space",
    Qt.Key.Key_Return: "kVK_Return",
    Qt.Key.Key_Enter: "kVK_ANSI_KeypadEnter",
    Qt.Key.Key_Tab: "kVK_Tab",
    Qt.Key.Key_Backspace: "kVK_Delete",
    Qt.Key.Key_Delete: "kVK_ForwardDelete",
    Qt.Key.Key_Home: "kVK_Home",
    Qt.Key.Key_End: "kVK_End",
    Qt.Key.Key_PageUp: "kVK_PageUp",
    Qt.Key.Key_PageDown: "kVK_PageDown",
    Qt.Key.Key_Left: "kVK_LeftArrow",
    Qt.Key.Key_Right: "kVK_RightArrow",
    Qt.Key.Key_Up: "kVK_UpArrow",
    Qt.Key.Key_Down: "kVK_DownArrow",
    Qt.Key.Key_Comma: "kVK_ANSI_Comma",
    Qt.Key.Key_Period: "kVK_ANSI_Period",
    Qt.Key.Key_Slash: "kVK_ANSI_Slash",
    Qt.Key.Key_Semicolon: "kVK_ANSI_Semicolon",
    Qt.Key.Key_Minus: "kVK_ANSI_Minus",
    Qt.Key.Key_Equal: "kVK_ANSI_Equal",
}
_NUMBER = 1_000_000  # of ours, among the small ones that quickmachotkey counts up from 1


class MacHotKey:
    """Registers keys itself, because quickmachotkey drops the status that says whether one is taken."""

    def __init__(self) -> None:
        self._registered: Any = None

    def claim(self, keys: str, pressed: Callable[[], None]) -> str:
        """See `HotKey`."""
        self.release()
        carbon, toolbox = import_module("quickmachotkey"), _toolbox()
        constants = import_module("quickmachotkey.constants")
        press = KeyPress.parse(keys)
        code = None if press is None else getattr(constants, _name_of(press.key), None)
        if press is None or code is None:
            return unusable(keys)
        mask = sum(_MASKS[modifier] for modifier in press.modifiers)
        carbon.hotKeyHandlers[_NUMBER] = pressed
        status, registered = toolbox.RegisterEventHotKey(
            code, mask, (carbon._QMHK, _NUMBER), toolbox.GetEventDispatcherTarget(), 0, None
        )
        if status:  # an OSStatus, mostly eventHotKeyExistsErr (-9878)
            return taken(keys)
        self._registered = registered
        return ""

    def release(self) -> None:
        """See `HotKey`."""
        if self._registered is not None:
            _toolbox().UnregisterEventHotKey(self._registered)
            self._registered = None


def _toolbox() -> Any:
    return import_module("quickmachotkey._MinimalHIToolbox")


def _name_of(key: Qt.Key) -> str:
    """The name of the key's place on the keyboard in Carbon's headers."""
    if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F20:
        return f"kVK_F{key - Qt.Key.Key_F1 + 1}"
    if Qt.Key.Key_A <= key <= Qt.Key.Key_Z or Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
        return f"kVK_ANSI_{chr(key)}"
    return _NAMES.get(key, "")
