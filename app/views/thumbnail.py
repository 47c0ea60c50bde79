"""The small picture of an attachment."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.state.attachments import Attachment, AttachmentStatus
from app.views import theme
from app.views.small_picture import paint_small_picture

_SOUND = 44
_WIDEST = 1.75  # times its height


class Thumbnail(QAbstractButton):
    """Follows its attachment: a glyph until the engine has looked, then the picture.

    Cut to a square, or shown `whole`: as tall as `side`, or lower if it would be too wide.
    """

    def __init__(
        self, attachment: Attachment, side: int, parent: QWidget | None = None, *, whole: bool = False
    ) -> None:
        super().__init__(parent)
        self._side, self._whole = side, whole
        self._attachment = attachment
        self._pixmap = QPixmap()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(attachment.name)
        attachment.thumbnail_changed.connect(self._on_thumbnail_changed)
        attachment.status_changed.connect(self._on_status_changed)
        self._on_thumbnail_changed(attachment.thumbnail)
        self._on_status_changed()

    def make_clickable(self, title: str) -> None:
        """Let it be pressed, by pointer or keyboard."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(title)
        self.setAccessibleName(title)

    def sizeHint(self) -> QSize:
        """A square, or the picture's proportions."""
        return self.minimumSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture or glyph, with a hairline around it."""
        painter = QPainter(self)
        refused = self._attachment.status is AttachmentStatus.REFUSED
        glyph = self._attachment.kind
        paint_small_picture(painter, self, QRectF(self.rect()), self._pixmap, problem=refused, glyph=glyph)
        if self.hasFocus():
            theme.paint_focus(painter, self, QRectF(self.rect()))
        painter.end()

    def _on_thumbnail_changed(self, path: str) -> None:
        if path:
            pixmap = QPixmap(path)
            if not pixmap.isNull():  # else: the engine has gone and its files with it; what we have stays
                self._pixmap = pixmap
        self.update()

    def _on_status_changed(self) -> None:
        picture, side = self._attachment, self._side
        if not picture.is_seen:
            side = min(side, _SOUND)  # a glyph needs no room
        if self._whole and picture.width > 0 and picture.height > 0:
            scale = min(side / picture.height, _WIDEST * side / picture.width)
            self.setFixedSize(
                max(round(picture.width * scale), side // 3), max(round(picture.height * scale), side // 3)
            )
        else:
            self.setFixedSize(side, side)
        self.update()
