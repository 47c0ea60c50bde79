"""One key that is ours whatever program has the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.platform.key_names import shown
from app.words import tr


class HotKey(Protocol):
    """Claims one key at a time from the system."""

    def claim(self, keys: str, pressed: Callable[[], None]) -> str:
        """Have `pressed` called whenever these keys are pressed, and no others.

        Args:
            keys: in Qt's words, such as `Alt+Shift+Space`.
            pressed: called on the GUI thread.

        Returns:
            Why it cannot be had, one sentence; empty if it is ours now.
        """
        ...

    def release(self) -> None:
        """Give the key back."""
        ...


class NoHotKey:
    """For desktops that let no program have a key."""

    def claim(self, keys: str, pressed: Callable[[], None]) -> str:
        """Say so."""
        return tr("This desktop gives no program a key of its own, so {keys} does nothing.", keys=shown(keys))

    def release(self) -> None:
        """There is none."""


def taken(keys: str) -> str:
    """Somebody else has it."""
    return tr("Another program has taken {keys}.", keys=shown(keys))


def unusable(keys: str) -> str:
    """It is no key that could be claimed."""
    return tr("{value} can't be used: take a key together with Ctrl, Alt or the like.", value=shown(keys) or "This key")
