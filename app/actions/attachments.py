"""Bringing files in and taking them out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.actions.action import Action
from app.actions.engine import EngineActions
from app.intake import mime as intake
from app.intake.file_kinds import Senses, kind_of
from app.intake.offer import Offer, sort_files
from app.state.attachments import Attachment
from app.state.notices import Notice
from app.state.session import FILES_SUBJECT, Session


class AttachmentActions:
    """Acts on the files of the question that is being written."""

    def __init__(self, session: Session, engine_actions: EngineActions, choose: Callable[[], list[str]]) -> None:
        """`choose` asks the person for files."""
        self._session = session
        self._engine_actions = engine_actions
        self._choose = choose
        self._folder = tempfile.TemporaryDirectory(prefix="prism-")  # for pictures that come without a file
        self.open = Action("attachments.open", "Add Pictures…", self._open, "Ctrl+O")
        self.paste = Action("attachments.paste", "Paste", self._paste, "Ctrl+V")

    def add_files(self, paths: list[str]) -> None:
        """Attach those of these files that can be used and there is room for, and say what became of the others."""
        self._accept(sort_files(paths, self._senses))

    def concerns(self, mime: QMimeData) -> bool:
        """Whether this is for us at all; dragged words are not."""
        return intake.has_something(mime)

    def promise(self, mime: QMimeData) -> tuple[str, bool]:
        """What letting go of this would do, in one line, and whether it would attach anything."""
        offer, room = intake.offer_of(mime, self._senses), self._session.attachments.room
        return offer.promise(room), offer.is_welcome(room)

    def add_from(self, mime: QMimeData) -> None:
        """Attach what was dropped or pasted."""
        self._accept(intake.take(mime, Path(self._folder.name), self._senses))

    def remove(self, attachment: Attachment) -> None:
        """Take a file out of the question."""
        self._session.attachments.remove(attachment)
        self._engine_actions.forget(attachment)
        self._session.notices.dismiss(FILES_SUBJECT)

    def close(self) -> None:
        """Remove pasted pictures from the disk."""
        self._folder.cleanup()

    @property
    def _senses(self) -> Senses:
        return Senses(self._session.engine.sees, self._session.engine.hears)

    def _accept(self, offer: Offer) -> None:
        attachments = self._session.attachments
        room = attachments.room
        for path in offer.files[:room]:
            attachment = Attachment(path, kind=kind_of(path))
            attachments.add(attachment)
            self._engine_actions.probe(attachment)
        remarks = offer.remarks(room)
        if remarks:
            self._session.notices.show(Notice("info", remarks, FILES_SUBJECT))
        else:
            self._session.notices.dismiss(FILES_SUBJECT)

    def _open(self) -> None:
        paths = self._choose()
        if paths:
            self.add_files(paths)

    def _paste(self) -> None:
        """Where words are being written, the field pastes by itself; this is for everywhere else."""
        data = QGuiApplication.clipboard().mimeData()
        if self.concerns(data):
            self.add_from(data)
        elif data.hasText():
            self._session.draft.text += data.text()
