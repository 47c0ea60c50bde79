"""What an answer takes in tokens, seconds and bytes of MLX's memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import mlx.core as mx

from mlx_gemma4.engine.answer_clock import AnswerClock


class UsageMeter(AnswerClock):
    """Counts one request; starts when it is made."""

    def __init__(self) -> None:
        super().__init__()
        self._peak = 0
        mx.reset_peak_memory()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Its memory does count while another request is answered, being taken at the same time."""
        self._peak = max(self._peak, mx.get_peak_memory())  # the other request starts counting anew
        with super().paused():
            yield

    def peak_bytes(self) -> int:
        """The most that MLX held."""
        return max(self._peak, mx.get_peak_memory())
