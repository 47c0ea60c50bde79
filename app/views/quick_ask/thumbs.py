"""What the question is about, small, on the left of the panel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.platform.bundled import bundled
from app.state.attachments import Attachment, Attachments
from app.views import theme
from app.views.thumbnail import Thumbnail
from app.words import tr

_SIDE = 40
_MOST = 4  # thumbnails; of more files the rest is a number


class Thumbs(QWidget):
    """Follows the files; a click takes one out. Without any, the app's own sign stands there."""

    def __init__(self, attachments: Attachments, remove: Callable[[Attachment], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._remove = remove
        self._thumbs: dict[Attachment, Thumbnail] = {}
        self._sign = QLabel(self)
        self._sign.setPixmap(QIcon(str(bundled("icons/prism.png"))).pixmap(_SIDE, _SIDE))
        self._sign.setFixedSize(_SIDE, _SIDE)
        self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._more = QLabel(self)
        self._more.setProperty("role", "quiet")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.GRID)
        self._row.addWidget(self._sign)
        self._row.addWidget(self._more)
        attachments.attachment_added.connect(self._on_added)
        attachments.attachment_removed.connect(self._on_removed)
        self._follow()

    def _on_added(self, attachment: Attachment) -> None:
        thumb = Thumbnail(attachment, _SIDE, self)
        thumb.make_clickable(tr("Take out {name}", name=attachment.name))
        thumb.clicked.connect(partial(self._remove, attachment))
        self._thumbs[attachment] = thumb
        self._row.insertWidget(self._row.count() - 1, thumb)
        self._follow()

    def _on_removed(self, attachment: Attachment) -> None:
        thumb = self._thumbs.pop(attachment)
        self._row.removeWidget(thumb)
        thumb.hide()
        thumb.deleteLater()
        self._follow()

    def _follow(self) -> None:
        for number, thumb in enumerate(self._thumbs.values()):
            thumb.setVisible(number < _MOST)
        more = len(self._thumbs) - _MOST
        self._more.setText(f"+{more}")
        self._more.setVisible(more > 0)
        self._sign.setVisible(not self._thumbs)
