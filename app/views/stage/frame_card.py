"""One frame in the strip: what it looks like, when it is shown, and how many boxes there are on it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.state.attachments import Attachment
from app.state.sheets import Sheet, frame_time
from app.views import theme
from app.views.small_picture import paint_small_picture
from app.views.stage.strip_card import StripCard
from app.views.theme import Type, type_font
from app.words import tr, trn

_HEIGHT = 40  # of the picture
_NARROWEST, _WIDEST = 44, 72
_INSET = 4


class FrameCard(StripCard):
    """Follows a frame's small picture."""

    def __init__(self, clip: Attachment, index: int, frame: Attachment | Sheet, parent: QWidget | None = None) -> None:
        """`frame` is the clip itself for its first frame."""
        super().__init__(parent)
        self._clip, self._index = clip, index
        self._time = frame_time(clip, index)
        self._boxes = 0
        self._picture = QPixmap()
        frame.thumbnail_changed.connect(self._on_thumbnail_changed)
        self._on_thumbnail_changed(frame.thumbnail)
        self.toggled.connect(self._describe)
        self._describe()

    def show_boxes(self, count: int) -> None:
        """So many were found on it."""
        if count != self._boxes:
            self._boxes = count
            self._describe()
            self.update()

    def sizeHint(self) -> QSize:
        """The picture in the clip's proportions, and the time below it."""
        proportion = self._clip.width / self._clip.height if self._clip.height else 1.0
        line = QFontMetrics(type_font(Type.QUIET, bold=True))
        width = max(min(round(_HEIGHT * proportion), _WIDEST), _NARROWEST, line.horizontalAdvance(self._time))
        return QSize(width + 2 * _INSET, _HEIGHT + line.height() + 2 * _INSET + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, picture, time, boxes."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        self.paint_ground(painter)
        picture = QRectF(_INSET, _INSET, area.width() - 2 * _INSET, _HEIGHT)
        paint_small_picture(painter, self, picture, self._picture, glyph="clip")
        if self.isChecked():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(c.link), 1.5))
            painter.drawRoundedRect(picture.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if self._boxes:
            self._paint_mark(painter, picture)
        painter.setFont(type_font(Type.QUIET, bold=self.isChecked()))
        painter.setPen(QColor(c.text if self.isChecked() else c.quiet))
        words = QRectF(0, picture.bottom() + 2, area.width(), area.bottom() - picture.bottom() - 2 - _INSET)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self._time)
        self.paint_focus(painter)
        painter.end()

    def _paint_mark(self, painter: QPainter, picture: QRectF) -> None:
        """How many boxes, in the picture's corner."""
        c = theme.colours_of(self)
        painter.setFont(type_font(Type.QUIET, bold=True))
        metrics, words = painter.fontMetrics(), str(self._boxes)
        height = metrics.height()
        mark = QRectF(0, 0, max(metrics.horizontalAdvance(words) + 8, height), height)
        mark.moveTopRight(picture.topRight() + QRectF(0, 0, -2, 2).bottomRight())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.accent))
        painter.drawRoundedRect(mark, height / 2, height / 2)
        painter.setPen(QColor(c.on_accent))
        painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, words)

    def _on_thumbnail_changed(self, path: str) -> None:
        self._picture = QPixmap(path) if path else QPixmap()
        self.update()

    def _describe(self, *_: object) -> None:
        place = tr("Frame at {time}, {number} of {count}", time=self._time, number=self._index + 1,
                   count=self._clip.sheet_count)  # fmt: skip
        boxes = trn("{n} box", "{n} boxes", self._boxes) if self._boxes else ""
        shown = tr("shown") if self.isChecked() else ""
        self.setAccessibleName(", ".join(part for part in (place, boxes, shown) if part))
        self.setToolTip(self.accessibleName())
