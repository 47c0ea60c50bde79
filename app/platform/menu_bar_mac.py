"""The Mac's menu bar: an item of the system's own kind, which Qt's is not (it may vanish beside the notch)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.platform.mac import appkit, make_target
from app.platform.menu_bar import Entries
from app.platform.template import template_png

_POINTS = 18


class StatusItem:
    """A click does one thing; a right or Control click opens the menu."""

    def __init__(self, entries: Entries, clicked: Callable[[], None]) -> None:
        self._kit = kit = appkit()
        self._clicked = clicked
        self._targets: list[Any] = []
        self._menu = kit.NSMenu.alloc().init()
        for entry in entries:
            if entry is None:
                self._menu.addItem_(kit.NSMenuItem.separatorItem())
            else:
                item = self._menu.addItemWithTitle_action_keyEquivalent_(entry.title, "act:", "")
                item.setTarget_(self._target(entry.run))
        bar = kit.NSStatusBar.systemStatusBar()
        self._item = bar.statusItemWithLength_(kit.NSVariableStatusItemLength)
        self._item.setAutosaveName_("Prism")  # where the person drags it, it stays
        button = self._item.button()
        image = kit.NSImage.alloc().initWithData_(template_png("menu-bar", 2 * _POINTS))
        image.setSize_((_POINTS, _POINTS))
        image.setTemplate_(True)
        button.setImage_(image)
        button.setAccessibilityLabel_("Prism")
        button.setTarget_(self._target(self._on_clicked))
        button.setAction_("act:")
        button.sendActionOn_(kit.NSEventMaskLeftMouseUp | kit.NSEventMaskRightMouseUp)

    @property
    def is_shown(self) -> bool:
        """See `MenuBarItem`."""
        return True

    def close(self) -> None:
        """See `MenuBarItem`."""
        self._kit.NSStatusBar.systemStatusBar().removeStatusItem_(self._item)

    def _target(self, run: Callable[[], None]) -> Any:
        target = make_target(run)
        self._targets.append(target)  # AppKit holds its targets weakly
        return target

    def _on_clicked(self) -> None:
        kit = self._kit
        event = kit.NSApp.currentEvent()
        control = event.modifierFlags() & kit.NSEventModifierFlagControl
        if control or event.type() in (kit.NSEventTypeRightMouseDown, kit.NSEventTypeRightMouseUp):
            self._item.popUpStatusItemMenu_(self._menu)
        else:
            self._clicked()
