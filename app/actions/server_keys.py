"""The keys of servers: out of the system's safe when they are needed, into it, and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from app.platform.secrets import read_secret, write_secret


class ServerKeys(QObject):
    """Waits for the safe on threads: it may ask the person.

    Signals:
        not_kept: the system did not take one; it is known until the app ends.
    """

    not_kept = Signal()
    _read_out = Signal(str, str)

    def __init__(
        self, read: Callable[[str], str] = read_secret, write: Callable[[str, str], bool] = write_secret
    ) -> None:
        super().__init__()
        self._read, self._write = read, write
        self._known: dict[str, str] = {}
        self._waiting: dict[str, list[Callable[[str], None]]] = {}
        self._read_out.connect(self._on_read_out, Qt.ConnectionType.QueuedConnection)

    def with_key(self, url: str, then: Callable[[str], None]) -> None:
        """Call `then` with the server's key, at once if it is known; empty for none."""
        if url in self._known:
            then(self._known[url])
            return
        waiting = self._waiting.setdefault(url, [])
        waiting.append(then)
        if len(waiting) == 1:
            threading.Thread(target=lambda: self._read_out.emit(url, self._read(_name(url))), daemon=True).start()

    def keep(self, url: str, key: str) -> None:
        """Use it from now on, and have it kept; an empty one is forgotten."""
        self._known[url] = key
        threading.Thread(target=self._keep, args=(url, key), daemon=True).start()

    def _keep(self, url: str, key: str) -> None:
        if not self._write(_name(url), key) and key:
            self.not_kept.emit()

    def _on_read_out(self, url: str, key: str) -> None:
        self._known.setdefault(url, key)
        for then in self._waiting.pop(url, []):
            then(self._known[url])


def _name(url: str) -> str:
    return f"server {url}"
