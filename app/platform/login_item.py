"""Whether Prism opens when the person logs in; the system is the one that remembers."""

from __future__ import annotations

from typing import Protocol


class LoginItem(Protocol):
    """On or off."""

    @property
    def is_on(self) -> bool:
        """Whether it opens at login."""
        ...

    def set_on(self, on: bool) -> str:
        """Have it opened at login, or not; returns why that cannot be, one sentence, or nothing."""
        ...
