"""What a person can do about what Prism keeps."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.actions.hub_token import HubToken
from app.state.contacts import Contacts
from app.store.kept import KEPT, Kept, delete_everything, size_of


class PrivacyActions(QObject):
    """Acts on the folder of everything.

    Signals:
        quit_wanted: everything shall be deleted, for which Prism has to end.

    Attributes:
        contacts: whom Prism has contacted.
        folder: that everything is kept in.
    """

    quit_wanted = Signal()

    def __init__(self, contacts: Contacts, folder: Path, token: HubToken) -> None:
        super().__init__()
        self.contacts, self.folder = contacts, folder
        self._token = token
        self._to_delete = False

    def kept(self) -> list[tuple[Kept, int]]:
        """What is kept, and how many bytes it takes."""
        return [(kept, size_of(kept, self.folder)) for kept in KEPT]

    def show_folder(self) -> None:
        """In the system's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder)))

    def delete_everything(self) -> None:
        """End, and delete everything that is kept when nothing uses it any more."""
        self._to_delete = True
        self._token.keep("")
        self.quit_wanted.emit()

    def close(self) -> list[Path]:
        """Delete, if that is wanted; returns what could not be."""
        return delete_everything(self.folder) if self._to_delete else []
