"""Prism's place in the menu bar, or in the tray of other desktops: a click, and a menu."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    title: str
    run: Callable[[], None]


Entries = Sequence[Entry | None]
"""None is a line between them."""


class MenuBarItem(Protocol):
    """Is shown from the moment it is made."""

    @property
    def is_shown(self) -> bool:
        """Whether there is a place for it at all."""
        ...

    def close(self) -> None:
        """Take it away."""
        ...


def make_menu_bar_item(entries: Entries, clicked: Callable[[], None]) -> MenuBarItem:
    """What this system has: `clicked` is for the plain click, the menu for the other one."""
    if sys.platform == "darwin":
        from app.platform.menu_bar_mac import StatusItem

        return StatusItem(entries, clicked)
    from app.platform.menu_bar_linux import TrayItem

    return TrayItem(entries, clicked)
