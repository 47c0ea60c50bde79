"""The files that go with the question: a chip for each, and a sentence for each that cannot be used."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.actions.attachments import AttachmentActions
from app.state.attachments import Attachment, Attachments, AttachmentStatus
from app.views import figures, theme
from app.views.chip import Chip
from app.views.composer.resolution_button import ResolutionButton
from app.views.flow_layout import FlowLayout
from app.words import number, tr

_MOST_REASONS = 2  # sentences; more would push everything else away


class AttachmentRow(QWidget):
    """Follows the attachments; takes no room without any."""

    def __init__(self, attachments: Attachments, actions: AttachmentActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self._chips: dict[Attachment, AttachmentChip] = {}
        self._chip_area = QWidget(self)
        self._flow = FlowLayout(self._chip_area)
        self._problems = QLabel(self)
        self._problems.setProperty("role", "danger")
        self._problems.setTextFormat(Qt.TextFormat.PlainText)
        self._problems.setWordWrap(True)
        self._problems.setAccessibleName(tr("What is wrong with the files"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self._chip_area)
        column.addWidget(self._problems)
        attachments.attachment_added.connect(self._on_added)
        attachments.attachment_removed.connect(self._on_removed)
        for attachment in attachments.items:
            self._on_added(attachment)
        self._follow()

    def _on_added(self, attachment: Attachment) -> None:
        chip = AttachmentChip(attachment, self._actions, self._chip_area)
        chip.removal_wanted.connect(partial(self._actions.remove, attachment))
        attachment.status_changed.connect(self._follow)
        self._chips[attachment] = chip
        self._flow.addWidget(chip)
        chip.show()
        self._follow()

    def _on_removed(self, attachment: Attachment) -> None:
        attachment.status_changed.disconnect(self._follow)
        chip = self._chips.pop(attachment)
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        self._follow()

    def _follow(self) -> None:
        refused = [_reason(item) for item in self._chips if item.status is AttachmentStatus.REFUSED]
        more = len(refused) - _MOST_REASONS
        if more > 0:
            refused[_MOST_REASONS:] = [
                tr("{more} can't be used: point at one to see why.", more=figures.counted(more, "other file"))
            ]
        self._problems.setText("\n".join(refused))
        self._problems.setVisible(bool(refused))
        self.setVisible(bool(self._chips))


class AttachmentChip(Chip):
    """A chip that follows its file."""

    def __init__(self, attachment: Attachment, actions: AttachmentActions, parent: QWidget) -> None:
        super().__init__(attachment.name, parent=parent)
        self._resolution = ResolutionButton(attachment, actions, self)
        self._attachment = attachment
        self.glyph = attachment.kind
        attachment.status_changed.connect(self._follow)
        attachment.thumbnail_changed.connect(self.set_thumbnail)
        attachment.soft_tokens_changed.connect(self._follow)
        if attachment.thumbnail:
            self.set_thumbnail(attachment.thumbnail)
        self._follow()

    def detail_right(self) -> int:
        """Before the button that chooses a resolution."""
        return self._resolution.x() - 2 if self._resolution.is_offered else super().detail_right()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The resolution is chosen right below the cross."""
        super().resizeEvent(event)
        button = self._resolution
        button.resize(button.sizeHint())
        button.move(self.width() - button.width() - 4, self.height() - button.height())

    def _follow(self) -> None:
        item = self._attachment
        match item.status:
            case AttachmentStatus.PROBING:
                self.set_detail(tr("Looking…"))
            case AttachmentStatus.READY:
                self.set_detail(figures.joined(_size(item), tr("{tokens} tok", tokens=number(item.soft_tokens))))
            case AttachmentStatus.REFUSED:
                self.set_detail(tr("Can't be used"), problem=True)
                self.setToolTip(_reason(item))
                self.setAccessibleDescription(_reason(item))


def _size(attachment: Attachment) -> str:
    """How large it is: pixels, a length, or pages."""
    if attachment.kind in ("clip", "sound"):
        return figures.duration(attachment.seconds)
    if attachment.kind == "document":
        return figures.counted(attachment.pages, "page")
    return f"{attachment.width} × {attachment.height}"


def _reason(attachment: Attachment) -> str:
    return f"{attachment.error} {attachment.hint}".strip()
