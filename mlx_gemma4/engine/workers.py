"""Has files looked at, pages compared and models found by worker processes, a few at a time."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.protocol.cost import MediaBudgets
from mlx_gemma4.protocol.errors import MediaError, PrismError
from mlx_gemma4.protocol.events import Event, MediaHeard, MediaProbed, MediaShown, PagesCompared
from mlx_gemma4.protocol.requests import (
    ComparePages,
    FitModel,
    HearMedia,
    ListModels,
    ProbeMedia,
    RemoveModel,
    RestoreModel,
    ShowMedia,
)
from mlx_gemma4.protocol.wire import read_events, to_line

_WORKERS = 2
_Process = subprocess.Popen[bytes]
ModelErrand: TypeAlias = ListModels | FitModel | RemoveModel | RestoreModel
Errand: TypeAlias = ProbeMedia | HearMedia | ShowMedia | ComparePages | ModelErrand


class Workers:
    """Hands requests to processes, each of which serves many and has nothing of MLX.

    Processes, not threads: some decoders hold Python's lock for seconds, in which no Stop would be heard, and only a
    process can be stopped in the middle of a picture.
    """

    def __init__(
        self,
        outbox: Outbox,
        folder: Path,
        budgets: Callable[[], MediaBudgets],
        held_bytes: Callable[[], int] = lambda: 0,
    ) -> None:
        """Let pictures be written into `folder`; `budgets` and `held_bytes` tell those of the loaded model."""
        self._outbox = outbox
        self._command = [sys.executable, "-m", "mlx_gemma4.engine.worker", str(folder)]
        self._budgets = budgets
        self._held_bytes = held_bytes
        self._lock = threading.Lock()
        self._waiting: deque[Errand] = deque()
        self._active: dict[str, _Process | None] = {}  # None until there is a process for the request
        self._idle: list[_Process] = []
        threading.Thread(target=self._have_one_ready, daemon=True).start()

    def start(self, request: Errand) -> None:
        """Have an opened request served as soon as a worker is free."""
        with self._lock:
            self._waiting.append(request)
        self._next()

    def abandon(self, request_id: str) -> None:
        """Drop the work for a request that has ended."""
        with self._lock:
            process = self._active.pop(request_id, None)
        if process is not None:
            process.kill()
        self._next()

    def close(self) -> None:
        """Kill all workers."""
        with self._lock:
            for process in self._active.values():
                if process is not None:
                    process.kill()  # its thread notices
            while self._idle:
                _bury(self._idle.pop())

    def _next(self) -> None:
        with self._lock:
            while self._waiting and len(self._active) < _WORKERS:
                request = self._waiting.popleft()
                self._active[request.id] = None
                threading.Thread(target=self._work, args=(request,), daemon=True).start()

    def _work(self, request: Errand) -> None:
        try:
            if self._outbox.is_open(request.id):  # it may have been stopped while it waited
                self._finish(request, self._serve(request))
        except OSError as error:
            problem = f"{_files(request)} cannot be looked at, because no process can be started: {error}."
            self._outbox.fail(request.id, PrismError(problem, "Close other programs.", code="engine.worker"))
        finally:
            with self._lock:
                self._active.pop(request.id, None)
            self._next()

    def _serve(self, request: Errand) -> Event | None:
        """A worker's answer; None if it was killed or died over the question."""
        process = self._take_process()
        with self._lock:
            if request.id not in self._active:
                self._idle.append(process)
                return None
            self._active[request.id] = process
        answer = self._ask(process, request)
        with self._lock:
            unharmed = answer is not None and self._active.get(request.id) is process
            if unharmed:
                self._active[request.id] = None
                self._idle.append(process)
        if not unharmed:
            _bury(process)
        return answer

    def _have_one_ready(self) -> None:
        with contextlib.suppress(OSError):  # the first request will say what is the matter
            process = self._take_process()
            with self._lock:
                self._idle.append(process)

    def _take_process(self) -> _Process:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.poll() is None:
                    return process
                _bury(process)
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _ask(self, process: _Process, request: Errand) -> Event | None:
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(to_line(self._in_full(request)).encode("ascii"))
            process.stdin.flush()
        except BrokenPipeError:
            return None
        return next(read_events([process.stdout.readline().decode("ascii")]), None)

    def _in_full(self, request: Errand) -> Errand:
        if isinstance(request, ProbeMedia):
            return replace(request, budgets=self._budgets())
        return (
            request
            if isinstance(request, HearMedia | ShowMedia | ComparePages)
            else replace(request, held_bytes=self._held_bytes())
        )

    def _finish(self, request: Errand, answer: Event | None) -> None:
        if answer is None:
            self._outbox.fail(request.id, _broken(request))
        elif not self._outbox.send(request.id, answer):
            for file in _made(answer):
                Path(file).unlink(missing_ok=True)


def _files(request: Errand) -> str:
    """What a request is about, in words."""
    match request:
        case ComparePages():
            return f"{request.screenshot} or {request.rendering}"
        case ListModels():
            return request.folder
        case _:
            return request.path


def _broken(request: Errand) -> PrismError:
    """A worker has died over a request."""
    if isinstance(request, ProbeMedia | HearMedia | ShowMedia | ComparePages):
        return MediaError(
            f"{_files(request)} broke the decoder that looked at it.",
            "Open it in another program and save it in another format.",
            code="media.damaged",
        )
    return PrismError(f"Looking at {_files(request)} broke off.", "Try again.", code="engine.worker")


def _made(answer: Event) -> list[str]:
    """The files that were made for an answer."""
    match answer:
        case MediaProbed() | MediaShown():
            return [file for file in (answer.thumbnail, answer.display) if file]
        case MediaHeard():
            return [answer.sound]
        case PagesCompared():
            return [answer.difference]
        case _:
            return []


def _bury(process: _Process) -> None:
    """Kill a worker if it lives, and let go of its pipes."""
    process.kill()
    with contextlib.suppress(BrokenPipeError), process:
        pass
