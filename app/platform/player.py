"""Playing a WAV file."""

from __future__ import annotations

from typing import Protocol


class Player(Protocol):
    """Plays one file at a time."""

    def play(self, file: str, seconds: float) -> str:
        """Play this from that moment on, in the place of what plays; returns why not, or nothing."""
        ...

    def stop(self) -> None:
        """Be quiet; `position` stays."""
        ...

    @property
    def position(self) -> float:
        """What is heard now, in seconds of the file."""
        ...

    @property
    def is_playing(self) -> bool:
        """Whether it still sounds."""
        ...
