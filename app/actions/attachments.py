"""Bringing files in and taking them out."""

from __future__ import annotations

import itertools
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
from app.platform.capture import RegionCapture
from app.state.attachments import Attachment, AttachmentStatus
from app.state.notices import Notice
from app.state.session import FILES_SUBJECT, Session
from app.words import tr
from mlx_gemma4.protocol.cost import fit_picture

CAPTURE_SUBJECT = "capture"
_numbers = itertools.count(1)


class AttachmentActions:
    """Acts on the files of the question that is being written."""

    def __init__(
        self,
        session: Session,
        engine_actions: EngineActions,
        choose: Callable[[], list[str]],
        capture: RegionCapture | None = None,
    ) -> None:
        """`choose` asks the person for files, `capture` for a part of the screen."""
        self._session = session
        self._engine_actions = engine_actions
        self._choose = choose
        self._capture = capture
        self._folder = tempfile.TemporaryDirectory(prefix="prism-")  # for pictures that come without a file
        self.open = Action("attachments.open", tr("Add Files…"), self._open, "Ctrl+O")
        self.paste = Action("attachments.paste", tr("Paste"), self._paste, "Ctrl+V")
        self.capture = Action("attachments.capture", tr("Capture Region"), self._capture_region, "Ctrl+Shift+S")
        self.allow_capture = Action("attachments.allow_capture", tr("Open Settings"), self._allow_capture)
        self.capture.enabled = capture is not None
        session.attachments.is_capturing_changed.connect(self._on_is_capturing_changed)

    def add_files(self, paths: list[str]) -> None:
        """Attach those of these files that can be used and there is room for, and say what became of the others."""
        self._accept(sort_files(paths, self._senses))

    def concerns(self, mime: QMimeData) -> bool:
        """Whether this is for us at all; dragged words are not."""
        return intake.has_something(mime)

    def promise(self, mime: QMimeData) -> tuple[str, bool, str]:
        """What letting go of this would do, in one line, whether it would attach anything, and a glyph of that."""
        offer, room = intake.offer_of(mime, self._senses), self._session.attachments.room
        return offer.promise(room), offer.is_welcome(room), offer.glyph

    def add_from(self, mime: QMimeData) -> None:
        """Attach what was dropped or pasted."""
        self._accept(intake.take(mime, Path(self._folder.name), self._senses))

    def remove(self, attachment: Attachment) -> None:
        """Take a file out of the question."""
        self._session.attachments.remove(attachment)
        self._engine_actions.forget(attachment)
        self._session.notices.dismiss(FILES_SUBJECT)

    @property
    def usual_budget(self) -> int:
        """Soft tokens of a picture that nobody has chosen others for."""
        return self._session.engine.max_soft_tokens

    def choose_budget(self, attachment: Attachment, budget: int) -> None:
        """Let the model see a picture or the pages of a document with this resolution."""
        if budget == (attachment.budget or self.usual_budget):
            return
        attachment.budget = budget
        if attachment.kind == "picture" and attachment.status is AttachmentStatus.READY:
            attachment.soft_tokens = fit_picture(attachment.width, attachment.height, budget).soft_tokens
        else:
            self._engine_actions.probe(attachment)

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

    def _capture_region(self) -> None:
        capture = self._capture
        if capture is None:
            return
        if not capture.is_allowed:
            text = tr("Prism may not see the screen yet. Allow it under Screen Recording, then open Prism again.")
            button = self.allow_capture.title, self.allow_capture.id
            self._session.notices.show(Notice("info", text, CAPTURE_SUBJECT, *button))
            return
        self._session.notices.dismiss(CAPTURE_SUBJECT)
        self._session.attachments.is_capturing = True
        capture.start(Path(self._folder.name) / f"Region {next(_numbers)}.png", self._on_captured)

    def _on_captured(self, path: str) -> None:
        self._session.attachments.is_capturing = False
        if path:
            self.add_files([path])

    def _on_is_capturing_changed(self, capturing: bool) -> None:
        self.capture.enabled = self._capture is not None and not capturing

    def _allow_capture(self) -> None:
        if self._capture is not None:
            self._capture.ask_permission()

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
