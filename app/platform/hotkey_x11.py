"""A key of our own on an X server: a grab on the root window, whatever else is locked on the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from app.platform.hotkey import taken, unusable
from app.platform.key_names import KeyPress
from app.platform.x11 import X11, x11

_MASKS = {
    Qt.KeyboardModifier.ShiftModifier: 1,
    Qt.KeyboardModifier.ControlModifier: 4,
    Qt.KeyboardModifier.AltModifier: 8,
    Qt.KeyboardModifier.MetaModifier: 64,
}
_CAPS_LOCK, _NUM_LOCK = 2, 16
_LOCKS = (0, _CAPS_LOCK, _NUM_LOCK, _CAPS_LOCK | _NUM_LOCK)
_SYMBOLS = {
    Qt.Key.Key_Return: 0xFF0D,
    Qt.Key.Key_Enter: 0xFF8D,
    Qt.Key.Key_Tab: 0xFF09,
    Qt.Key.Key_Backspace: 0xFF08,
    Qt.Key.Key_Delete: 0xFFFF,
    Qt.Key.Key_Insert: 0xFF63,
    Qt.Key.Key_Home: 0xFF50,
    Qt.Key.Key_End: 0xFF57,
    Qt.Key.Key_Left: 0xFF51,
    Qt.Key.Key_Up: 0xFF52,
    Qt.Key.Key_Right: 0xFF53,
    Qt.Key.Key_Down: 0xFF54,
    Qt.Key.Key_PageUp: 0xFF55,
    Qt.Key.Key_PageDown: 0xFF56,
    Qt.Key.Key_Print: 0xFF61,
}
_F1 = 0xFFBE


class X11HotKey:
    """Claims keys on the screen that Qt is on."""

    def __init__(self, server: X11 | None = None) -> None:
        found = server or x11()
        assert found is not None, "there is no X server"
        self._server = found
        self._keys = ""
        self._pressed: Callable[[], None] | None = None
        self._grabbed: list[tuple[int, int]] = []
        self._released_at = -1
        self._server.key_pressed.connect(self._on_key_pressed)
        self._server.key_released.connect(self._on_key_released)
        self._server.keyboard_changed.connect(self._on_keyboard_changed)

    def claim(self, keys: str, pressed: Callable[[], None]) -> str:
        """See `HotKey`."""
        self.release()
        press = KeyPress.parse(keys)
        symbol = None if press is None else symbol_of(press.key)
        codes = [] if symbol is None else self._server.key_codes(symbol)
        if press is None or not codes:
            return unusable(keys)
        mask = sum(_MASKS[modifier] for modifier in press.modifiers)
        for place in [(code, mask | lock) for code in codes for lock in _LOCKS]:
            if not self._server.grab(*place):
                self.release()
                return taken(keys)
            self._grabbed.append(place)
        self._keys, self._pressed = keys, pressed
        return ""

    def release(self) -> None:
        """See `HotKey`."""
        for place in self._grabbed:
            self._server.release(*place)
        self._grabbed.clear()
        self._keys, self._pressed = "", None

    def _on_key_pressed(self, code: int, state: int, time: int) -> None:
        repeats = time == self._released_at  # a key that is held is let go and pressed again at one moment
        if self._pressed is not None and (code, state) in self._grabbed and not repeats:
            self._pressed()

    def _on_key_released(self, _code: int, _state: int, time: int) -> None:
        self._released_at = time

    def _on_keyboard_changed(self) -> None:
        """Keys may have other codes now."""
        if self._pressed is not None:
            self.claim(self._keys, self._pressed)


def symbol_of(key: Qt.Key) -> int | None:
    """The symbol that an X server knows a key by; None for one that it has no simple name for."""
    if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
        return _F1 + key - Qt.Key.Key_F1
    if key in _SYMBOLS:
        return _SYMBOLS[key]
    if Qt.Key.Key_A <= key <= Qt.Key.Key_Z:
        return ord(chr(key).lower())
    return int(key) if 0x20 <= key <= 0xFF else None
