"""Has models downloaded by processes of their own, a few at a time."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import deque

from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import DownloadFinished, EngineFailed
from mlx_gemma4.protocol.requests import Download
from mlx_gemma4.protocol.wire import read_events, to_line

_AT_ONCE = 2
_COMMAND = (sys.executable, "-m", "mlx_gemma4.engine.download_worker")


class Downloads:
    """A process for each, so that a download can be dropped at any byte, and never holds up anything else."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self._waiting: deque[Download] = deque()
        self._active: dict[str, subprocess.Popen[bytes] | None] = {}  # None until its process runs
        self._by_repository: dict[str, str] = {}  # the request that each is fetched for

    def start(self, request: Download) -> None:
        """Serve an opened request as soon as there is room for it."""
        with self._lock:
            twice = request.repository in self._by_repository
            if not twice:
                self._by_repository[request.repository] = request.id
                self._waiting.append(request)
        if twice:
            self._outbox.fail(
                request.id, PrismError(f"{request.repository} is being downloaded.", code="download.running")
            )
        self._next()

    def abandon(self, request_id: str) -> None:
        """Drop a download whose request has ended; what has arrived stays."""
        with self._lock:
            process = self._active.get(request_id)
            for waiting in [item for item in self._waiting if item.id == request_id]:
                self._waiting.remove(waiting)
        if process is not None:
            process.kill()
            process.wait()  # nothing more is written when the same is asked for again
        with self._lock:
            self._let_go(request_id)

    def close(self) -> None:
        """Kill all."""
        with self._lock:
            self._waiting.clear()
            for process in self._active.values():
                if process is not None:
                    process.kill()

    def _next(self) -> None:
        with self._lock:
            while self._waiting and len(self._active) < _AT_ONCE:
                request = self._waiting.popleft()
                self._active[request.id] = None
                threading.Thread(target=self._work, args=(request,), daemon=True).start()

    def _work(self, request: Download) -> None:
        try:
            self._serve(request)
        except OSError as error:
            problem = f"{request.repository} cannot be downloaded, because no process can be started: {error}."
            self._outbox.fail(request.id, PrismError(problem, "Close other programs.", code="engine.worker"))
        finally:
            with self._lock:
                self._active.pop(request.id, None)
                self._let_go(request.id)
            self._next()

    def _let_go(self, request_id: str) -> None:
        for repository in [name for name, owner in self._by_repository.items() if owner == request_id]:
            del self._by_repository[repository]

    def _serve(self, request: Download) -> None:
        if not self._outbox.is_open(request.id):
            return  # it was stopped before it began
        process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with self._lock:
            self._active[request.id] = process
        assert process.stdin is not None and process.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(to_line(request).encode("ascii"))
                process.stdin.flush()
            for event in read_events(line.decode("ascii") for line in process.stdout):
                going_on = self._outbox.send(request.id, event)
                if not going_on or isinstance(event, DownloadFinished | EngineFailed):
                    return
            problem = PrismError(
                f"The download of {request.repository} broke off.",
                "What has arrived stays: resume.",
                code="download.connection",
            )
            self._outbox.fail(request.id, problem)
        finally:
            process.kill()
            with contextlib.suppress(BrokenPipeError), process:
                pass
