"""Giving the keyboard back: to a window on an X server, to a program on a Mac."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication

from app.platform import focus, mac, windows, x11
from app.platform.focus import remember_focus, take_focus


class Server:
    """An X server whose window manager has chosen a window."""

    is_composited = False

    def __init__(self, active: int) -> None:
        self.active, self.asked = active, list[int]()

    def active_window(self) -> int:
        return self.active

    def activate(self, window: int) -> None:
        self.asked.append(window)


@pytest.mark.parametrize(("before", "chosen", "asked"), [(7, 7, []), (7, 9, [7]), (0, 9, [])])
def test_the_window_manager_is_asked_only_if_it_chose_another(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, before: int, chosen: int, asked: list[int]
) -> None:
    server = Server(before)
    monkeypatch.setattr(x11, "x11", lambda: server)
    back = remember_focus()
    server.active = chosen
    back()
    assert server.asked == asked
    take_focus(3)
    assert server.asked == [*asked, 3]


def test_without_an_x_server_there_is_nothing_to_do(qapp: QApplication) -> None:
    remember_focus()()
    take_focus(3)
    assert windows.has_translucency()
    windows.show_in_dock(False)
    windows.float_over_everything(3)


def test_without_a_compositor_there_is_no_translucency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x11, "x11", lambda: Server(0))
    assert not windows.has_translucency()


def test_a_mac_brings_the_program_back_that_was_in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    activated: list[int] = []
    front = SimpleNamespace(processIdentifier=lambda: 4, activateWithOptions_=activated.append)
    workspace = SimpleNamespace(frontmostApplication=lambda: front)
    kit = SimpleNamespace(NSWorkspace=SimpleNamespace(sharedWorkspace=lambda: workspace))
    monkeypatch.setitem(sys.modules, "AppKit", kit)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr(focus.sys, "platform", "darwin")
    remember_focus()()
    assert activated == [0]
    front.processIdentifier = os.getpid
    remember_focus()()
    assert activated == [0], "we were in front ourselves"


def test_a_macs_panel_takes_the_keyboard_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, int] = {}

    class Window:
        def styleMask(self) -> int:
            return 1

        def setStyleMask_(self, mask: int) -> None:
            told["style"] = mask

        def setCollectionBehavior_(self, behaviour: int) -> None:
            told["behaviour"] = behaviour

    kit = SimpleNamespace(
        NSWindowStyleMaskNonactivatingPanel=128,
        NSWindowCollectionBehaviorCanJoinAllSpaces=1,
        NSWindowCollectionBehaviorFullScreenAuxiliary=256,
    )
    view = SimpleNamespace(window=Window)
    monkeypatch.setitem(sys.modules, "AppKit", kit)  # pyright: ignore[reportArgumentType]
    objc = SimpleNamespace(objc_object=lambda c_void_p: view)
    monkeypatch.setitem(sys.modules, "objc", objc)  # pyright: ignore[reportArgumentType]
    mac.make_panel(5)
    assert told == {"style": 129, "behaviour": 257}
