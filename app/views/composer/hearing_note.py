"""Says before Send that a model which does not hear will miss the sound of what is attached."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.state.attachments import Attachment, AttachmentStatus
from app.state.session import Session
from app.words import tr


class HearingNote(QLabel):
    """Takes no room where there is nothing to say."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("role", "quiet")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAccessibleName(tr("What the model will not hear"))
        session.engine.hears_changed.connect(self._follow)
        session.attachments.attachment_added.connect(self._on_attachment_added)
        session.attachments.count_changed.connect(self._follow)
        for attachment in session.attachments.items:
            self._on_attachment_added(attachment)
        self._follow()

    def _on_attachment_added(self, attachment: Attachment) -> None:
        attachment.status_changed.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        text = "" if self._session.engine.hears else left_out(self._session.attachments.items)
        self.setText(text)
        self.setVisible(bool(text))


def left_out(files: list[Attachment]) -> str:
    """What a model that does not hear does with the sound of these; empty where there is none."""
    heard = [file for file in files if file.is_heard and file.status is not AttachmentStatus.REFUSED]
    if any(file.kind == "sound" for file in heard):
        return tr("This model does not hear: take the recording out, or choose a model that hears.")
    return tr("This model does not hear: the sound is left out.") if heard else ""
