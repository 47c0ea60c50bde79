"""The small picture of an attachment."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.state.attachments import Attachment, AttachmentStatus
from app.views import icons, theme

_ROUNDING = 6


class Thumbnail(QAbstractButton):
    """Follows its attachment: a glyph until the engine has looked, then the picture, cut to a square."""

    def __init__(self, attachment: Attachment, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._attachment = attachment
        self._pixmap = QPixmap()
        self.setFixedSize(side, side)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(attachment.name)
        attachment.thumbnail_changed.connect(self._on_thumbnail_changed)
        attachment.status_changed.connect(self._on_status_changed)
        self._on_thumbnail_changed(attachment.thumbnail)

    def make_clickable(self, title: str) -> None:
        """Let it be pressed, by pointer or keyboard."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(title)
        self.setAccessibleName(title)

    def sizeHint(self) -> QSize:
        """A square."""
        return self.minimumSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture or glyph, with a hairline around it."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(area, _ROUNDING, _ROUNDING)
        if self._pixmap.isNull():
            refused = self._attachment.status is AttachmentStatus.REFUSED
            painter.fillPath(outline, c.hover)
            glyph = QRectF(0, 0, icons.SIZE, icons.SIZE)
            glyph.moveCenter(area.center())
            icons.paint_icon(painter, "warning" if refused else "picture", glyph, c.danger if refused else c.quiet)
        else:
            painter.setClipPath(outline)
            painter.drawPixmap(area, self._pixmap, _middle_square(self._pixmap))
            painter.setClipping(False)
        pen = QPen(theme.faded(c.link, 1), 2) if self.hasFocus() else QPen(c.hairline, 1)
        painter.setPen(pen)
        painter.drawPath(outline)
        painter.end()

    def _on_thumbnail_changed(self, path: str) -> None:
        if path:
            pixmap = QPixmap(path)
            if not pixmap.isNull():  # else: the engine has gone and its files with it; what we have stays
                self._pixmap = pixmap
        self.update()

    def _on_status_changed(self) -> None:
        self.update()


def _middle_square(pixmap: QPixmap) -> QRectF:
    side = min(pixmap.width(), pixmap.height())
    return QRectF((pixmap.width() - side) / 2, (pixmap.height() - side) / 2, side, side)
