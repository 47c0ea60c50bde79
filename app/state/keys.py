"""Numbers for things that are kept: each is made once and never again, also by another run of the app."""

from __future__ import annotations

import random
import time

_last = 0


def new_key() -> int:
    """A number that fits 63 bits; later ones are larger."""
    global _last
    _last = max((time.time_ns() // 1_000_000 << 20) | random.getrandbits(20), _last + 1)
    return _last
