"""Takes requests as they come and hands each to whom it concerns; answers Stop itself."""

from __future__ import annotations

import os
import select
import time

from mlx_gemma4.engine.downloads import Downloads
from mlx_gemma4.engine.estimating import Estimates
from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.engine.runner import Runner
from mlx_gemma4.engine.servers import Servers
from mlx_gemma4.engine.workers import Workers
from mlx_gemma4.protocol.care import EstimateAsk, Unload
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.requests import (
    Ask,
    ComparePages,
    Download,
    FitModel,
    HearMedia,
    ListModels,
    ListServer,
    Load,
    LoadRemote,
    ProbeMedia,
    RemoveModel,
    Request,
    RestoreModel,
    ShowMedia,
    Stop,
    Transcribe,
)
from mlx_gemma4.protocol.wire import read_line, request_from_dict

GRACE_SECONDS = 0.05
"""How long a stopped answer may take to say its last words and figures before it is ended from here."""
_READ_BYTES = 1 << 16


class Desk:
    """Lives on the reader thread, which nothing here keeps waiting."""

    def __init__(self, outbox: Outbox, runner: Runner, workers: Workers, downloads: Downloads) -> None:
        self._outbox = outbox
        self._runner = runner
        self._workers = workers
        self._downloads = downloads
        self._servers = Servers(outbox)
        self._estimates = Estimates(outbox, lambda: runner.engine)
        self._deadlines: dict[str, float] = {}  # of stopped answers, in the order in which they come

    def serve(self, descriptor: int) -> None:
        """Take line after line until the other end is closed; a last line that was cut off is dropped."""
        rest = b""
        while True:
            if self._comes_in_time(descriptor):
                data = os.read(descriptor, _READ_BYTES)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n") if b"\n" in data else [rest + data]
                for line in lines:
                    self.take(line.decode("utf-8", errors="replace"))
            self._end_overdue()

    def take(self, line: str) -> None:
        """Serve one line; what is wrong with it is answered, not raised."""
        request_id = ""
        try:
            values = read_line(line)
            if values is not None:
                request_id = str(values.get("id", ""))
                self._serve(request_from_dict(values))
        except PrismError as error:
            self._outbox.refuse(request_id, error)

    def _serve(self, request: Request) -> None:
        match request:
            case Load() | LoadRemote() | Unload() | Ask() | Transcribe():
                self._outbox.open(request.id)
                self._runner.put(request)
            case EstimateAsk():
                self._outbox.open(request.id)
                self._estimates.start(request)
            case (
                ProbeMedia()
                | HearMedia()
                | ShowMedia()
                | ComparePages()
                | ListModels()
                | FitModel()
                | RemoveModel()
                | RestoreModel()
            ):
                self._outbox.open(request.id)
                self._workers.start(request)
            case Download():
                self._outbox.open(request.id)
                self._downloads.start(request)
            case ListServer():
                self._outbox.open(request.id)
                self._servers.start(request)
            case Stop():
                self._stop(request.request_id)

    def _stop(self, request_id: str) -> None:
        """End a running answer gently, with a deadline should its thread be deep in a computation; all else at once."""
        if self._runner.stop(request_id):
            self._deadlines.setdefault(request_id, time.monotonic() + GRACE_SECONDS)
        else:
            self._outbox.stop(request_id)
            self._workers.abandon(request_id)
            self._downloads.abandon(request_id)

    def _comes_in_time(self, descriptor: int) -> bool:
        """Whether something can be read before the next deadline; without one there is no need to wait here."""
        if not self._deadlines:
            return True
        patience = max(min(self._deadlines.values()) - time.monotonic(), 0)
        return bool(select.select([descriptor], [], [], patience)[0])

    def _end_overdue(self) -> None:
        now = time.monotonic()
        for request_id in [name for name, deadline in self._deadlines.items() if deadline <= now]:
            del self._deadlines[request_id]
            self._outbox.stop(request_id)
