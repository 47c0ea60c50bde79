"""A link asks before it leads anywhere: where it goes, and whether to go there."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QCursor, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.words import tr

_OPENED = ("http", "https", "mailto")
_LONGEST = 80


class LinkMenu(QMenu):
    """Shows the whole address, or as much of it as tells where it goes."""

    def __init__(self, url: QUrl, parent: QWidget) -> None:
        super().__init__(parent)
        self._url = url
        address = url.toDisplayString()
        shown = address if len(address) <= _LONGEST else f"{address[:_LONGEST]}…"
        self.addAction(shown.replace("&", "&&")).setEnabled(False)
        self.addSeparator()
        if url.scheme() in _OPENED:
            self.addAction(
                tr("Open in browser") if url.scheme() != "mailto" else tr("Write to this address"), self._open
            )
        self.addAction(tr("Copy address"), self._copy)

    def show_at_pointer(self) -> None:
        """Where the click was."""
        self.popup(QCursor.pos())

    def _open(self) -> None:
        QDesktopServices.openUrl(self._url)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._url.toString())
