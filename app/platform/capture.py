"""A picture of a part of the screen that the person drags a rectangle over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

Captured = Callable[[str], None]
"""Takes the picture's path; empty if the person has thought better of it."""


class RegionCapture(Protocol):
    """One at a time."""

    @property
    def is_allowed(self) -> bool:
        """Whether the system lets us see the windows of others."""
        ...

    def ask_permission(self) -> None:
        """Have the system ask for it, and open the page of its settings where it is given."""
        ...

    def start(self, file: Path, captured: Captured) -> None:
        """Let the person choose, and write what is there into a PNG; only where that is allowed."""
        ...
