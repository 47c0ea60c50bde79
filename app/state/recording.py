"""What the microphone records."""

from __future__ import annotations

from app.state.observable import Observable, Property


class Recording(Observable):
    """While it is on, a file grows.

    Attributes:
        is_on: it records.
        level: how loud it is now, 0 to 1.
        loudest: how loud it has been so far.
        seconds: how long it has been going on.
    """

    is_on = Property(False)
    level = Property(0.0)
    loudest = Property(0.0)
    seconds = Property(0.0)
