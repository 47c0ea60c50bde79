"""Events of the engine as Qt signals on the GUI thread, in order, words joined to about thirty pieces a second."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TypeAlias, get_args

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.engine_link.client import EngineClient, new_request_id
from app.words import tr
from mlx_gemma4.protocol.events import EngineFailed, Event, Terminal, TextDelta, ThoughtDelta
from mlx_gemma4.protocol.requests import Request, Stop

Delta: TypeAlias = TextDelta | ThoughtDelta
DELTA_INTERVAL_MS = 33
_SLICE_SECONDS = 0.004  # one slot's share of the GUI thread, so that a burst of events does not hold it up
_TERMINAL = get_args(Terminal)


@dataclass(frozen=True)
class _Exit:
    code: int


class EngineBridge(QObject):
    """The app's end of an engine; lives on the GUI thread.

    What reaches `event_received` belongs to requests that are not over: after a request's terminal event nothing of it
    follows, and every request gets one, also when the engine dies (EngineFailed, code `engine.gone`).

    Signals:
        event_received: an Event.
        engine_exited: the engine has ended by itself; its exit code, below 0 for the signal that killed it.
    """

    event_received = Signal(object)
    engine_exited = Signal(int)
    _arrived = Signal()

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._run = 0  # counts starts; what an earlier engine still says is not listened to
        self._running = False
        self._next_seq: dict[str, int] = {}  # of every request that is not over
        self._lock = threading.Lock()
        self._inbox: deque[tuple[int, Event | _Exit]] = deque()
        self._joined: Delta | None = None
        self._timer = QTimer(self, singleShot=True, interval=DELTA_INTERVAL_MS)
        self._timer.timeout.connect(self._on_interval_passed)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        """Whether there is an engine that takes requests."""
        return self._running

    def start(self) -> None:
        """Start an engine, or another one in the place of the one before."""
        if self._running:
            self._client.close()
            self._fail_all()
        self._run += 1
        self._running = True
        run = self._run
        self._client.start(lambda event: self._post(run, event), lambda code: self._post(run, _Exit(code)))

    def send(self, request: Request) -> None:
        """Send a request; without an engine it fails at once."""
        if not isinstance(request, Stop):
            self._next_seq[request.id] = 0
        if self._running:
            self._client.send(request)
        elif not isinstance(request, Stop):
            self._post(self._run, replace(_gone(), request_id=request.id))

    def stop(self, request_id: str) -> None:
        """End a request; its terminal event comes within 200 ms."""
        self.send(Stop(new_request_id("stop"), request_id))

    def close(self) -> None:
        """End the engine and wait for it; no signal comes afterwards."""
        self._run += 1
        self._running = False
        self._next_seq.clear()
        self._joined = None
        self._timer.stop()
        self._client.close()

    def _post(self, run: int, item: Event | _Exit) -> None:
        """Take something from whatever thread it comes from."""
        with self._lock:
            self._inbox.append((run, item))
            first = len(self._inbox) == 1
        if first:
            self._arrived.emit()

    def _on_arrived(self) -> None:
        """Work through the inbox for a few milliseconds; what is left waits for the event loop's next round."""
        deadline = time.perf_counter() + _SLICE_SECONDS
        while self._inbox:
            if time.perf_counter() > deadline:
                self._arrived.emit()
                return
            with self._lock:
                run, item = self._inbox.popleft()
            if run == self._run:
                self._take(item)

    def _take(self, item: Event | _Exit) -> None:
        if isinstance(item, _Exit):
            self._end(item.code)
        elif isinstance(item, TextDelta | ThoughtDelta):
            self._join(item)
        else:
            self._flush()
            self._emit(item)

    def _join(self, delta: Delta) -> None:
        """Show the first words at once and later ones together."""
        before = self._joined
        if before is not None and type(before) is type(delta) and before.request_id == delta.request_id:
            self._joined = replace(delta, text=before.text + delta.text)
        else:
            self._flush()
            self._joined = delta
        if not self._timer.isActive():
            self._flush()
            self._timer.start()

    def _on_interval_passed(self) -> None:
        if self._joined is not None:
            self._flush()
            self._timer.start()

    def _flush(self) -> None:
        delta, self._joined = self._joined, None
        if delta is not None:
            self._emit(delta)

    def _emit(self, event: Event) -> None:
        """Pass on what belongs to a request that is not over, or to none."""
        if event.request_id:
            if event.request_id not in self._next_seq:
                return
            self._next_seq[event.request_id] = event.seq + 1
            if isinstance(event, _TERMINAL):
                del self._next_seq[event.request_id]
        self.event_received.emit(event)

    def _end(self, code: int) -> None:
        self._running = False
        self._fail_all()
        self.engine_exited.emit(code)

    def _fail_all(self) -> None:
        """What is not over ends here; the words that came before it are shown."""
        self._flush()
        for request_id, seq in list(self._next_seq.items()):
            self._emit(replace(_gone(), request_id=request_id, seq=seq))


def _gone() -> EngineFailed:
    return EngineFailed("engine.gone", tr("The engine has ended."), tr("Start it again."), recoverable=False)
