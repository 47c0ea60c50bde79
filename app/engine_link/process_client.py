"""The engine as a child process: JSON lines over its standard input and output."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, TypeAlias

from app.engine_link.client import Deliver, Exited
from app.words import tr
from mlx_gemma4.protocol.errors import WireError
from mlx_gemma4.protocol.requests import Request
from mlx_gemma4.protocol.wire import read_events, to_line

ENGINE = (sys.executable, "-m", "app", "--engine")
_PATIENCE_SECONDS = 2.0
_NOT_STARTED = 127
_Outbox: TypeAlias = "queue.SimpleQueue[Request | None]"


class ProcessClient:
    """Starts the engine, writes requests to it and reads its events, each on a thread, so that nothing here waits."""

    def __init__(self, command: Sequence[str] = ENGINE) -> None:
        """Nothing is started yet; `command` is what runs the engine."""
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._outbox: _Outbox = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._closed = threading.Event()

    @property
    def pid(self) -> int | None:
        """The process id of the engine that was started last."""
        return None if self._process is None else self._process.pid

    def start(self, deliver: Deliver, exited: Exited) -> None:
        """Start the process; see EngineClient."""
        self._outbox, self._closed = queue.SimpleQueue(), threading.Event()
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            print(tr("The engine cannot be started: {error}.", error=error), file=sys.stderr)
            exited(_NOT_STARTED)
            return
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        reading = (process, self._outbox, deliver, exited, self._closed)
        self._threads = [
            threading.Thread(target=_write, args=(process.stdin, self._outbox), daemon=True),
            threading.Thread(target=_read, args=reading, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def send(self, request: Request) -> None:
        """Hand a request over; a thread writes it."""
        self._outbox.put(request)

    def close(self) -> None:
        """Close the engine's input, which ends it; kill it if that takes longer than two seconds."""
        self._closed.set()
        self._outbox.put(None)
        if self._process is None:
            return
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()


def _write(pipe: IO[bytes], outbox: _Outbox) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:  # an engine that has ended is the reader's to notice
        while (request := outbox.get()) is not None:
            pipe.write(to_line(request).encode())
            pipe.flush()


def _read(
    process: subprocess.Popen[bytes], outbox: _Outbox, deliver: Deliver, exited: Exited, closed: threading.Event
) -> None:
    assert process.stdout is not None
    with process.stdout as pipe:
        try:
            for event in read_events(line.decode("ascii", errors="replace") for line in pipe):
                if closed.is_set():
                    break
                deliver(event)
        except WireError as error:
            print(tr("The engine does not speak our language: {error}", error=error), file=sys.stderr)
            process.kill()
    code = process.wait()
    outbox.put(None)  # the writer has nobody to write to
    if not closed.is_set():
        exited(code)
