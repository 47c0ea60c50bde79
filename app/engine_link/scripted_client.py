"""An engine that says what a script tells it to: for tests of everything above the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias, get_args

from app.engine_link.client import Deliver, Exited
from mlx_gemma4.protocol.events import Event, Terminal, TurnFinished
from mlx_gemma4.protocol.requests import Request, Stop

Timed: TypeAlias = tuple[float, Event]
"""Seconds after the request, and what is said then; `request_id` and `seq` are filled in."""
Script: TypeAlias = Callable[[Request], Iterable[Timed]]
TERMINAL = get_args(Terminal)


def silence(_: Request) -> Iterable[Timed]:
    """A script that never answers."""
    return ()


class ScriptedClient:
    """Answers each request by its script, in real time and from threads, as a process would.

    A Stop ends its request with TurnFinished("stopped") at once, and nothing follows.

    Attributes:
        requests: all that has been sent, in order.
        starts: how often it was started.
    """

    def __init__(self, script: Script = silence) -> None:
        self._script = script
        self._lock = threading.RLock()
        self._deliver: Deliver | None = None
        self._exited: Exited | None = None
        self._ended = threading.Event()
        self._next_seq: dict[str, int] = {}
        self.requests: list[Request] = []
        self.starts = 0

    def start(self, deliver: Deliver, exited: Exited) -> None:
        """Begin to answer."""
        with self._lock:
            self._deliver, self._exited = deliver, exited
            self._ended = threading.Event()
            self._next_seq.clear()
            self.starts += 1

    def send(self, request: Request) -> None:
        """Note the request and play its script."""
        self.requests.append(request)
        if self._deliver is None:
            return
        if isinstance(request, Stop):
            self._say(request.request_id, TurnFinished("stopped"))
            return
        with self._lock:
            self._next_seq[request.id] = 0
        threading.Thread(target=self._play, args=(request, self._ended), daemon=True).start()

    def close(self) -> None:
        """Fall silent."""
        with self._lock:
            self._ended.set()
            self._deliver = self._exited = None

    def push(self, event: Event) -> None:
        """Say something now, exactly as it is, whether anybody asked or not."""
        with self._lock:
            if self._deliver is not None:
                self._deliver(event)

    def exit(self, code: int) -> None:
        """Die now, in the middle of everything; -9 is what `kill -9` gives."""
        with self._lock:
            exited = self._exited
            self.close()
            if exited is not None:
                exited(code)

    def _play(self, request: Request, ended: threading.Event) -> None:
        waited = 0.0
        for moment, event in self._script(request):
            if ended.wait(max(moment - waited, 0)):
                return
            waited = max(moment, waited)
            self._say(request.id, event)

    def _say(self, request_id: str, event: Event) -> None:
        """Deliver an event of a request that is not over yet."""
        with self._lock:
            seq = self._next_seq.get(request_id)
            if seq is None or self._deliver is None:
                return
            self._next_seq[request_id] = seq + 1
            if isinstance(event, TERMINAL):
                del self._next_seq[request_id]
            self._deliver(replace(event, seq=seq, request_id=request_id))
