"""Says what questions would take, on a thread of its own, while the model may be answering others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.protocol.care import EstimateAsk
from mlx_gemma4.protocol.errors import PrismError

if TYPE_CHECKING:
    from mlx_gemma4.engine.backend import Backend


class Estimates:
    """One after the other; those that were stopped while they waited are left out."""

    def __init__(self, outbox: Outbox, engine: Callable[[], Backend | None]) -> None:
        """`engine` gives that of the loaded model."""
        self._outbox = outbox
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "estimates")

    def start(self, request: EstimateAsk) -> None:
        """Have an opened request answered."""
        self._thread.submit(self._work, request)

    def _work(self, request: EstimateAsk) -> None:
        if not self._outbox.is_open(request.id):
            return
        try:
            engine = self._engine()
            if engine is None:
                raise PrismError("No model is loaded.", "Load one first.", code="engine.no_model")
            self._outbox.send(request.id, engine.estimate(request))
        except PrismError as error:
            self._outbox.fail(request.id, error)
