"""Keeps the machine from sleeping while something is being worked on."""

from __future__ import annotations

from typing import Protocol

from app.words import tr

REASON = tr("Answering a question")


class StayAwake(Protocol):
    """Off until `hold` is called."""

    def hold(self) -> None:
        """Stay awake from now on; once is enough."""
        ...

    def release(self) -> None:
        """Sleep as the person has set it."""
        ...
