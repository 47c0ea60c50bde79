"""Notices when a model has begun to say the same thing without end.

Shapes: P periods looked for, from 1 token to the longest.
"""

from __future__ import annotations

import numpy as np

from mlx_gemma4.protocol.requests import LoopGuard

_NONE = -1


class LoopDetector:
    """Watches the ids of one answer; a few microseconds a token.

    For every period p it counts how many of the last tokens equal the one p before them.
    """

    def __init__(self, guard: LoopGuard) -> None:
        """Watch for what `guard` calls a loop."""
        self._periods_P = np.arange(1, guard.longest + 1)
        self._enough_P = np.maximum(guard.tokens, guard.repeats * self._periods_P) - self._periods_P
        self._equal_P = np.zeros(guard.longest, dtype=np.int64)
        self._earlier_P = np.full(guard.longest, _NONE, dtype=np.int64)  # the last tokens, newest first

    def feed(self, token_id: int) -> bool:
        """Whether the tokens up to this one end in a loop."""
        self._equal_P = np.where(self._earlier_P == token_id, self._equal_P + 1, 0)
        self._earlier_P[1:] = self._earlier_P[:-1]
        self._earlier_P[0] = token_id
        return bool((self._equal_P >= self._enough_P).any())
