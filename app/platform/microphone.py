"""Recording from the microphone into a file."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Permission(StrEnum):
    """Whether this program may use the microphone."""

    GRANTED = "granted"
    DENIED = "denied"
    UNKNOWN = "unknown"  # the system asks the person, once


class Microphone(Protocol):
    """Records into one file at a time, WAV, as it comes: what is heard is in the file, whatever happens."""

    @property
    def permission(self) -> Permission:
        """Whether it may be used."""
        ...

    def ask_permission(self, answered: Callable[[bool], None]) -> None:
        """Have the system ask the person; where it has asked before, show where that can be changed."""
        ...

    def start(self, file: Path, failed: Callable[[str], None]) -> None:
        """Begin; `failed` is called with a sentence if it cannot, or breaks off."""
        ...

    @property
    def level(self) -> float:
        """How loud it was since this was last asked for, 0 to 1."""
        ...

    @property
    def seconds(self) -> float:
        """How much has been recorded."""
        ...

    def stop(self) -> None:
        """The file is complete when this returns."""
        ...
