"""The place in the menu bar: a stand-in for AppKit here, Qt's own tray there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from app.platform import here, mac
from app.platform.menu_bar import Entry
from app.platform.menu_bar_linux import TrayItem
from app.platform.template import template_png


class Recorder:
    """Anything of AppKit's: notes what it is told, and gives itself."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self.told.append((name, arguments))
            return self

        return call

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [arguments for told, arguments in self.told if told == name]


class Kit:
    """AppKit, as far as a status item needs it."""

    NSVariableStatusItemLength = -1
    NSEventMaskLeftMouseUp, NSEventMaskRightMouseUp = 4, 16
    NSEventTypeRightMouseDown, NSEventTypeRightMouseUp = 3, 4
    NSEventModifierFlagControl = 1 << 18
    NSApplicationActivationPolicyRegular, NSApplicationActivationPolicyAccessory = 0, 1

    def __init__(self) -> None:
        self.menu, self.items, self.bar, self.image = Recorder(), Recorder(), Recorder(), Recorder()
        self.NSMenu = self.NSMenuItem = self.menu
        self.NSStatusBar, self.NSImage = self.bar, self.image
        self.event = (1, 0)
        self.app = Recorder()
        self.NSApp = SimpleNamespace(
            currentEvent=lambda: SimpleNamespace(type=lambda: self.event[0], modifierFlags=lambda: self.event[1]),
            setActivationPolicy_=self.app.setActivationPolicy_,
        )


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> Kit:
    kit = Kit()
    monkeypatch.setitem(sys.modules, "AppKit", kit)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr("app.platform.menu_bar_mac.make_target", lambda run: run)
    monkeypatch.setattr(here.sys, "platform", "darwin")
    return kit


def test_a_macs_item_has_a_menu_and_a_click(qapp: QApplication, kit: Kit) -> None:
    done: list[str] = []
    entries = [Entry("Quick Ask", lambda: done.append("ask")), None, Entry("Quit", lambda: done.append("quit"))]
    item = here.make_menu_bar_item(entries, lambda: done.append("click"))
    assert item.is_shown
    assert kit.menu.of("addItemWithTitle_action_keyEquivalent_") == [("Quick Ask", "act:", ""), ("Quit", "act:", "")]
    assert len(kit.menu.of("separatorItem")) == 1
    for (run,) in kit.menu.of("setTarget_"):
        run()
    assert done == ["ask", "quit"]
    ((click,),) = kit.bar.of("setTarget_")
    for event, does in [((2, 0), "click"), ((4, 0), "menu"), ((2, 1 << 18), "menu")]:
        kit.event = event
        done.clear()
        before = len(kit.bar.of("popUpStatusItemMenu_"))
        click()
        assert (len(kit.bar.of("popUpStatusItemMenu_")) - before, done) == (
            (1, []) if does == "menu" else (0, ["click"])
        )
    ((data,),) = kit.image.of("initWithData_")
    assert data.startswith(b"\x89PNG") and kit.image.of("setTemplate_") == [(True,)]
    item.close()
    assert len(kit.bar.of("removeStatusItem_")) == 1


def test_a_mac_can_be_without_a_dock_icon(kit: Kit) -> None:
    mac.set_menu_bar_only(True)
    mac.set_menu_bar_only(False)
    assert kit.app.of("setActivationPolicy_") == [(1,), (0,)]


def test_the_glyph_is_black_on_nothing(qapp: QApplication) -> None:
    image = QImage.fromData(template_png("menu-bar", 36))
    assert image.width() == image.height() == 36
    pixels = [image.pixelColor(x, y) for x in range(36) for y in range(36)]
    assert {(pixel.red(), pixel.green(), pixel.blue()) for pixel in pixels if pixel.alpha() > 200} == {(0, 0, 0)}
    assert image.pixelColor(18, 2).alpha() == 0


@pytest.mark.qt_log_ignore("systemTrayWindowChanged")  # the offscreen platform has no tray at all
def test_a_tray_has_the_same_menu_and_the_plain_click(qapp: QApplication) -> None:
    done: list[str] = []
    entries = [Entry("Quick Ask", lambda: done.append("ask")), None, Entry("Quit", lambda: done.append("quit"))]
    item = here.make_menu_bar_item(entries, lambda: done.append("click"))
    assert isinstance(item, TrayItem)
    assert item.is_shown is QSystemTrayIcon.isSystemTrayAvailable()
    actions = item._menu.actions()
    assert [action.text() for action in actions] == ["Quick Ask", "", "Quit"] and actions[1].isSeparator()
    for action in (actions[0], actions[2]):
        action.trigger()
    for reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.Context):
        item._icon.activated.emit(reason)
    assert done == ["ask", "quit", "click"]
    item.close()
