"""Has servers asked what models they have, each on a thread of its own, so that nobody waits for one that is silent."""

from __future__ import annotations

import threading

from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.requests import ListServer


class Servers:
    """Answers ListServer. A Stop needs nothing here: what comes after the end of a request never leaves."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def start(self, request: ListServer) -> None:
        """Ask the server of an opened request."""
        threading.Thread(target=self._work, args=(request,), daemon=True).start()

    def _work(self, request: ListServer) -> None:
        from mlx_gemma4.engine.remote.loading import list_server  # loads the HTTP client only where one is wanted

        try:
            self._outbox.send(request.id, list_server(request))
        except PrismError as error:
            self._outbox.fail(request.id, error)
