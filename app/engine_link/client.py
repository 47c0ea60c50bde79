"""What the app needs of an engine, wherever it runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Protocol, TypeAlias

from mlx_gemma4.protocol.events import Event
from mlx_gemma4.protocol.requests import Request

Deliver: TypeAlias = Callable[[Event], None]
Exited: TypeAlias = Callable[[int], None]

_numbers = itertools.count(1)


class EngineClient(Protocol):
    """One engine that can be started again after it has ended.

    Every request but Stop ends in exactly one terminal event, unless the engine ends first. `deliver` and `exited` are
    called from a thread of the client's own, one call at a time, in the order in which things happened.
    """

    def start(self, deliver: Deliver, exited: Exited) -> None:
        """Start an engine.

        Args:
            deliver: takes each event.
            exited: takes the exit code (below 0: the signal that killed it) after the last event, unless `close` was
                called before.
        """
        ...

    def send(self, request: Request) -> None:
        """Hand a request over without waiting; one to an engine that has ended is lost."""
        ...

    def close(self) -> None:
        """Let the engine end and wait until it has, at most a few seconds; nothing is delivered afterwards."""
        ...


def new_request_id(kind: str) -> str:
    """An id that no other request of this app has, such as `ask-7`."""
    return f"{kind}-{next(_numbers)}"
