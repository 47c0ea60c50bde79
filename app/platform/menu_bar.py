"""Prism's place in the menu bar, or in the tray of other desktops: a click, and a menu."""

from __future__ import annotations

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
