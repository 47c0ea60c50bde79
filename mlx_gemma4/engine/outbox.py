"""Events of all threads on their way out: whole lines, numbered, one end for every request."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

from mlx_gemma4.protocol.errors import PrismError, RequestError
from mlx_gemma4.protocol.events import EngineFailed, Event, Terminal, TurnFinished
from mlx_gemma4.protocol.wire import to_line

_TERMINAL = get_args(Terminal)


class Outbox:
    """Knows which requests are open. After a request's terminal event nothing of it leaves, whoever sends it."""

    def __init__(self, descriptor: int, reader_gone: Callable[[], None]) -> None:
        """Write to a file descriptor; `reader_gone` is called when nobody reads from it any more."""
        self._descriptor = descriptor
        self._reader_gone = reader_gone
        self._lock = threading.Lock()
        self._next_seq: dict[str, int] = {}

    def open(self, request_id: str) -> None:
        """A request has come in; from now on its events may leave.

        Raises:
            RequestError: a request of this id is open already.
        """
        with self._lock:
            if request_id in self._next_seq:
                raise RequestError(f"There is a running request of the id {request_id!r} already.")
            self._next_seq[request_id] = 0

    def is_open(self, request_id: str) -> bool:
        """Whether the request has come in and has not ended."""
        with self._lock:
            return request_id in self._next_seq

    def send(self, request_id: str, event: Event) -> bool:
        """Write the next event of a request; False if that request is over, and nothing was written."""
        with self._lock:
            seq = self._next_seq.get(request_id)
            if seq is None:
                return False
            if isinstance(event, _TERMINAL):
                del self._next_seq[request_id]
            else:
                self._next_seq[request_id] = seq + 1
            self._write(replace(event, seq=seq, request_id=request_id))
            return True

    def stop(self, request_id: str) -> None:
        """End a request as stopped, if it has not ended."""
        self.send(request_id, TurnFinished("stopped"))

    def fail(self, request_id: str, error: PrismError) -> None:
        """End a request with what is wrong, if it has not ended."""
        self.send(request_id, failure(error))

    def refuse(self, request_id: str, error: PrismError) -> None:
        """Say what is wrong with something that never became a request."""
        with self._lock:
            known = request_id in self._next_seq  # the request of that id must not end because of another one
            self._write(replace(failure(error), request_id="" if known else request_id))

    def _write(self, event: Event) -> None:
        line = to_line(event).encode("ascii")
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
        except BrokenPipeError:
            self._reader_gone()


def failure(error: PrismError) -> EngineFailed:
    """The error as an event."""
    return EngineFailed(error.code, error.message, error.hint, error.recoverable)
