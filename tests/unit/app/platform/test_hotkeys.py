"""Claiming keys: what is asked of the system, and what is made of its answers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.platform import here
from app.platform.hotkey import NoHotKey
from app.platform.hotkey_mac import MacHotKey
from app.platform.hotkey_x11 import X11HotKey

TAKEN = -9878


class Server(QObject):
    """An X server with one K on its keyboard, and a space bar.

    Attributes:
        taken: places that another program has.
        grabbed: ours.
    """

    key_pressed = Signal(int, int, int)
    key_released = Signal(int, int, int)
    keyboard_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.codes = {ord("k"): [45], 0x20: [65]}
        self.taken: set[tuple[int, int]] = set()
        self.grabbed: set[tuple[int, int]] = set()

    def key_codes(self, symbol: int) -> list[int]:
        return self.codes.get(symbol, [])

    def grab(self, code: int, modifiers: int) -> bool:
        if (code, modifiers) in self.taken:
            return False
        self.grabbed.add((code, modifiers))
        return True

    def release(self, code: int, modifiers: int) -> None:
        self.grabbed.remove((code, modifiers))


class Count:
    """How often it was called."""

    value = 0

    def __call__(self) -> None:
        self.value += 1


@pytest.fixture
def server(qapp: QApplication) -> Server:
    return Server()


def claimed(server: Server, keys: str, pressed: Callable[[], None] = lambda: None) -> tuple[X11HotKey, str]:
    key = X11HotKey(server)  # pyright: ignore[reportArgumentType]
    return key, key.claim(keys, pressed)


def test_a_key_is_claimed_whatever_is_locked(server: Server) -> None:
    _key, problem = claimed(server, "Ctrl+Alt+K")
    assert problem == ""
    assert server.grabbed == {(45, 12), (45, 12 | 2), (45, 12 | 16), (45, 12 | 2 | 16)}


def test_one_that_is_taken_in_part_is_given_back_whole(server: Server) -> None:
    server.taken = {(45, 12 | 16)}
    _key, problem = claimed(server, "Ctrl+Alt+K")
    assert "Another program has taken" in problem and not server.grabbed


@pytest.mark.parametrize("keys", ["K", "Ctrl+Q", "", "Ctrl+Media Play"])
def test_what_this_keyboard_does_not_have_is_said(server: Server, keys: str) -> None:
    _key, problem = claimed(server, keys)
    assert "can't be used" in problem and not server.grabbed


def test_it_is_pressed_once_however_long_it_is_held_and_only_with_its_modifiers(server: Server) -> None:
    count = Count()
    _key, _ = claimed(server, "Ctrl+Alt+K", count)
    server.key_pressed.emit(45, 12, 100)
    for time in (130, 160):  # the keyboard repeats
        server.key_released.emit(45, 12, time)
        server.key_pressed.emit(45, 12, time)
    server.key_pressed.emit(45, 4, 200)
    server.key_pressed.emit(46, 12, 210)
    assert count.value == 1
    server.key_released.emit(45, 12, 300)
    server.key_pressed.emit(45, 12 | 2, 400)
    assert count.value == 2


def test_another_key_takes_the_place_of_the_first(server: Server) -> None:
    first, second = Count(), Count()
    key, _ = claimed(server, "Ctrl+Alt+K", first)
    assert key.claim("Alt+Space", second) == ""
    assert {code for code, _ in server.grabbed} == {65}
    server.key_pressed.emit(65, 8, 1)
    assert (first.value, second.value) == (0, 1)
    key.release()
    assert not server.grabbed
    server.key_pressed.emit(65, 8, 2)
    assert second.value == 1


def test_another_keyboard_has_the_key_elsewhere(server: Server) -> None:
    _key, _ = claimed(server, "Ctrl+Alt+K")
    server.codes[ord("k")] = [50, 51]
    server.keyboard_changed.emit()
    assert {code for code, _ in server.grabbed} == {50, 51}


class Carbon:
    """quickmachotkey with a Mac behind it that has taken some keys."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.status = 0
        self.registered: list[tuple[int, int, tuple[int, int]]] = []
        self.unregistered: list[str] = []
        self.handlers: dict[int, Callable[[], None]] = {}
        modules: dict[str, Any] = {
            "quickmachotkey": SimpleNamespace(hotKeyHandlers=self.handlers, _QMHK=77),
            "quickmachotkey.constants": SimpleNamespace(kVK_Space=0x31, kVK_ANSI_K=0x28),
            "quickmachotkey._MinimalHIToolbox": SimpleNamespace(
                RegisterEventHotKey=self._register,
                UnregisterEventHotKey=self.unregistered.append,
                GetEventDispatcherTarget=lambda: "target",
            ),
        }
        for name, module in modules.items():
            monkeypatch.setitem(sys.modules, name, module)

    def _register(
        self, code: int, mask: int, number: tuple[int, int], target: str, options: int, out: None
    ) -> tuple[int, str | None]:
        assert (target, options, out) == ("target", 0, None)
        self.registered.append((code, mask, number))
        return self.status, None if self.status else f"key {len(self.registered)}"


def test_a_mac_is_asked_in_its_own_words(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    mac, count, key = Carbon(monkeypatch), Count(), MacHotKey()
    assert key.claim("Alt+Shift+Space", count) == ""
    ((code, mask, (sign, number)),) = mac.registered
    assert (code, mask, sign) == (0x31, 0x0800 | 0x0200, 77)
    mac.handlers[number]()
    assert count.value == 1
    assert key.claim("Ctrl+Meta+K", count) == ""
    assert mac.unregistered == ["key 1"] and mac.registered[1][1] == 0x0100 | 0x1000
    key.release()
    key.release()
    assert mac.unregistered == ["key 1", "key 2"]


def test_a_macs_status_says_that_a_key_is_taken(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    mac, key = Carbon(monkeypatch), MacHotKey()
    mac.status = TAKEN
    assert "Another program has taken" in key.claim("Alt+Shift+Space", lambda: None)
    key.release()
    assert not mac.unregistered
    assert "can't be used" in key.claim("Ctrl+F3", lambda: None), "not among the names that it knows"
    assert "can't be used" in key.claim("K", lambda: None)


def test_where_no_program_gets_a_key_that_is_said(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    key = here.make_hotkey()  # the platform of these tests is offscreen
    assert isinstance(key, NoHotKey)
    assert "gives no program a key" in key.claim("Alt+Space", lambda: None)
    monkeypatch.setattr(here.sys, "platform", "darwin")
    assert isinstance(here.make_hotkey(), MacHotKey)
