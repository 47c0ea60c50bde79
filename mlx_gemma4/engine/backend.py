"""What the engine's process needs of whoever answers: a model in its memory, or a server somewhere else."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Protocol

from mlx_gemma4.engine.outbox import failure
from mlx_gemma4.protocol.care import AskEstimated, EstimateAsk
from mlx_gemma4.protocol.cost import MediaBudgets
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import EngineFailed, Event, ModelReady
from mlx_gemma4.protocol.requests import Ask, Transcribe


class Backend(Protocol):
    """Answers requests, one at a time, all on the thread that iterates over the events.

    `seq` counts from 0, and the last event is TurnFinished or EngineFailed, always; errors are not raised.

    Attributes:
        between: called between two steps of a request. It may iterate over another request from its first to its last
            event meanwhile; the one that waits is not changed by that.
    """

    between: Callable[[], None]

    def ask(self, request: Ask) -> Generator[Event]:
        """The answer's events."""
        ...

    def transcribe(self, request: Transcribe) -> Generator[Event]:
        """The transcript's events."""
        ...

    def estimate(self, request: EstimateAsk) -> AskEstimated:
        """What a question would take, without opening its files; from any thread.

        Raises:
            PrismError: it cannot be written as a prompt.
        """
        ...

    def stop(self, request_id: str) -> None:
        """End a request at its next step; from any thread. One that is not running is none to end."""
        ...

    def forget(self) -> None:
        """Let go of everything that is only kept to be quicker: what was read before, connections."""
        ...


class Loaded(Protocol):
    """A model that can be asked."""

    @property
    def engine(self) -> Backend:
        """Answers with it."""
        ...

    @property
    def budgets(self) -> MediaBudgets:
        """What it is given of media."""
        ...

    @property
    def held_bytes(self) -> int:
        """What it takes of this machine's memory."""
        ...

    def ready(self, path: str) -> ModelReady:
        """What the app is told about it; `path` as it was asked for."""
        ...


def numbered(request_id: str, events: Iterator[Event], at_end: Callable[[], object]) -> Generator[Event]:
    """The events of one request with their numbers, and what goes wrong between them as the last one."""
    try:
        for seq, event in enumerate(_checked(events)):
            yield replace(event, seq=seq, request_id=request_id)
    finally:
        at_end()


def _checked(events: Iterator[Event]) -> Iterator[Event]:
    try:
        yield from events
    except PrismError as error:
        yield failure(error)
    except (RuntimeError, MemoryError) as error:  # what MLX raises when the device fails or memory runs out
        yield EngineFailed("engine.device", f"The model stopped: {error}.", "Load it again.", recoverable=False)
