"""The person's token for the Hub: out of the system's safe when it is needed, and into it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.platform.secrets import read_secret, write_secret

_NAME = "huggingface"


class HubToken(QObject):
    """Waits for the safe on a thread: it may ask the person.

    Signals:
        not_kept: the system did not take it; it is known until the app ends.
    """

    not_kept = Signal()

    def __init__(
        self, read: Callable[[str], str] = read_secret, write: Callable[[str, str], bool] = write_secret
    ) -> None:
        super().__init__()
        self._read, self._write = read, write
        self._asked = False
        self.value = ""

    def fetch(self) -> None:
        """Have it read, once."""
        if not self._asked:
            self._asked = True
            threading.Thread(target=self._fetch, daemon=True).start()

    def keep(self, value: str) -> None:
        """Use it from now on, and have it kept."""
        self._asked, self.value = True, value
        threading.Thread(target=self._keep, args=(value,), daemon=True).start()

    def _fetch(self) -> None:
        value = self._read(_NAME)
        self.value = self.value or value

    def _keep(self, value: str) -> None:
        if not self._write(_NAME, value):
            self.not_kept.emit()
