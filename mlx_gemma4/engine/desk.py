"""Takes requests as they come and hands each to whom it concerns; answers Stop itself."""

from __future__ import annotations

import threading

from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.engine.probe import Prober
from mlx_gemma4.engine.runner import Runner
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.requests import Ask, Load, ProbeMedia, Request, Stop
from mlx_gemma4.protocol.wire import read_line, request_from_dict

GRACE_SECONDS = 0.1
"""How long a stopped answer may take to say its last words and figures before it is ended from outside."""


class Desk:
    """Lives on the reader thread, which nothing here keeps waiting."""

    def __init__(self, outbox: Outbox, runner: Runner, prober: Prober) -> None:
        self._outbox = outbox
        self._runner = runner
        self._prober = prober

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
            case Load() | Ask():
                self._outbox.open(request.id)
                self._runner.put(request)
            case ProbeMedia():
                self._outbox.open(request.id)
                self._prober.start(request)
            case Stop():
                self._stop(request.request_id)

    def _stop(self, request_id: str) -> None:
        """End a running answer gently, or by a timer if its thread is deep in a computation; all others at once."""
        if self._runner.stop(request_id):
            timer = threading.Timer(GRACE_SECONDS, self._outbox.stop, [request_id])
            timer.daemon = True
            timer.start()
        else:
            self._outbox.stop(request_id)
            self._prober.abandon(request_id)
