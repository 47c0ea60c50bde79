"""Our own line to the X server, for what Qt does not do: keys that are ours everywhere, and who has the focus."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import xcffib
import xcffib.xproto as xproto
from PySide6.QtCore import QObject, QSocketNotifier, Signal
from PySide6.QtGui import QGuiApplication

_PAGER = 2  # a source that window managers believe without looking at the time of the last click
_WORDS = 1024  # of 32 bits: more than any property that is read here


class X11(QObject):
    """A connection to the screen that Qt is on.

    Signals:
        key_pressed: a claimed key; its code, its modifiers, and the server's time.
        key_released: likewise.
        keyboard_changed: keys have other codes now.
    """

    key_pressed = Signal(int, int, int)
    key_released = Signal(int, int, int)
    keyboard_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._line: Any = xcffib.connect()  # its requests are attributes that no type checker knows
        self._setup: Any = self._line.get_setup()
        self._root = self._setup.roots[self._line.pref_screen].root
        self._time = 0
        notifier = QSocketNotifier(self._line.get_file_descriptor(), QSocketNotifier.Type.Read, self)
        notifier.activated.connect(self._read)

    def key_codes(self, symbol: int) -> list[int]:
        """The codes of the keys that give this symbol, with or without Shift."""
        first, last = self._setup.min_keycode, self._setup.max_keycode
        reply = self._line.core.GetKeyboardMapping(first, last - first + 1).reply()
        each, symbols = reply.keysyms_per_keycode, list(reply.keysyms)
        return [first + at for at in range(last - first + 1) if symbol in symbols[at * each : at * each + 2]]

    def grab(self, code: int, modifiers: int) -> bool:
        """Claim a key; False if another program has it."""
        mode = xproto.GrabMode.Async
        try:
            self._line.core.GrabKeyChecked(False, self._root, modifiers, code, mode, mode).check()
        except xproto.AccessError:
            return False
        return True

    def release(self, code: int, modifiers: int) -> None:
        """Give a key back."""
        self._line.core.UngrabKeyChecked(code, self._root, modifiers).check()

    def active_window(self) -> int:
        """The window that the person works in, as the window manager says; 0 for none."""
        values = self._property(self._root, "_NET_ACTIVE_WINDOW")
        return values[0] if values else 0

    def activate(self, window: int) -> None:
        """Have the window manager give this window the keyboard and raise it."""
        payload = struct.pack(
            "=BBHII5I", 33, 32, 0, window, self._atom("_NET_ACTIVE_WINDOW"), _PAGER, self._time, 0, 0, 0
        )
        mask = xproto.EventMask.SubstructureNotify | xproto.EventMask.SubstructureRedirect
        self._line.core.SendEvent(False, self._root, mask, payload)
        self._line.flush()

    @property
    def is_composited(self) -> bool:
        """Whether windows can be translucent."""
        selection = self._atom(f"_NET_WM_CM_S{self._line.pref_screen}")
        return self._line.core.GetSelectionOwner(selection).reply().owner != 0

    def _property(self, window: int, name: str) -> list[int]:
        kind = xproto.GetPropertyType.Any
        reply = self._line.core.GetProperty(False, window, self._atom(name), kind, 0, _WORDS).reply()
        data = bytes(reply.value.buf())
        return list(struct.unpack(f"={len(data) // 4}I", data)) if reply.format == 32 else []

    def _atom(self, name: str) -> int:
        return self._line.core.InternAtom(False, len(name), name).reply().atom

    def _read(self) -> None:
        while (event := self._line.poll_for_event()) is not None:
            match event:
                case xproto.KeyReleaseEvent():  # it is a kind of KeyPressEvent for xcffib, so it comes first
                    self.key_released.emit(event.detail, event.state, event.time)
                case xproto.KeyPressEvent():
                    self._time = event.time
                    self.key_pressed.emit(event.detail, event.state, event.time)
                case xproto.MappingNotifyEvent():
                    self.keyboard_changed.emit()
                case _:
                    pass


@cache
def x11() -> X11 | None:
    """The connection; None where Qt is on no X server."""
    return X11() if QGuiApplication.platformName() == "xcb" else None
