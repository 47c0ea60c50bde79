"""The application: takes what is opened with it or dropped on its Dock icon, also before there is a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

Open = Callable[[list[str]], None]


class Application(QApplication):
    """Files wait until somebody takes them."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self._open: Open | None = None
        self._waiting: list[str] = []

    def take_files(self, opened: Open) -> None:
        """Hand over what has been opened, now and from now on."""
        self._open = opened
        waiting, self._waiting = self._waiting, []
        if waiting:
            opened(waiting)

    def open_files(self, paths: list[str]) -> None:
        """Somebody wants to ask about these files."""
        if self._open is None:
            self._waiting += paths
        else:
            self._open(paths)

    def event(self, event: QEvent) -> bool:
        """The system's way of saying so (macOS alone)."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.open_files([event.file()])
            return True
        return super().event(event)
