"""A small card for one file: its picture, its name, one quiet line, and a button that takes it away."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.views import icons, theme
from app.views.icon_button import IconButton
from app.views.theme import Type, type_font

HEIGHT = 56
WIDTH = 224
_THUMBNAIL = 40
_MARGIN = 8
_LINE = 18


class Chip(QWidget):
    """What a file is, at a glance.

    Signals:
        removal_wanted: the cross was pressed, or Delete or Backspace while the chip had the focus.
    """

    removal_wanted = Signal()

    def __init__(self, title: str, detail: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._detail = title, detail
        self._problem = False
        self._thumbnail = QPixmap()
        self._cross = IconButton("close", f"Remove {title}", self)
        self._cross.clicked.connect(self.removal_wanted)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._describe()

    def set_detail(self, detail: str, *, problem: bool = False) -> None:
        """The quiet line; a problem is written in the colour of problems and marked with a sign."""
        self._detail, self._problem = detail, problem
        self._describe()
        self.update()

    def set_thumbnail(self, path: str) -> None:
        """Show this small picture file; one that cannot be read leaves the glyph."""
        self._thumbnail = QPixmap(path) if path else QPixmap()
        self.update()

    def sizeHint(self) -> QSize:
        """The same for every file, so that a row of chips is a row."""
        lines = 2 * theme.scaled(_LINE) + 2 * _MARGIN + 4
        return QSize(theme.scaled(WIDTH), max(HEIGHT, lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cross stays at the right."""
        self._cross.resize(self._cross.sizeHint())
        self._cross.move(self.width() - self._cross.width() - 4, 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes the file away."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wanted.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Card, picture, two lines."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(QColor(c.raised))
        painter.setPen(QColor(c.link) if self.hasFocus() else c.hairline)
        painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)
        if self.hasFocus():
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), theme.RADIUS - 1, theme.RADIUS - 1)
        self._paint_thumbnail(painter, QRectF(_MARGIN, (self.height() - _THUMBNAIL) / 2, _THUMBNAIL, _THUMBNAIL))
        self._paint_lines(painter)
        painter.end()

    def _paint_thumbnail(self, painter: QPainter, square: QRectF) -> None:
        c = theme.colours_of(self)
        outline = QPainterPath()
        outline.addRoundedRect(square, 6, 6)
        painter.save()
        painter.setClipPath(outline)
        if self._thumbnail.isNull():
            painter.fillRect(square, c.hover)
            glyph = QRectF(0, 0, 22, 22)
            glyph.moveCenter(square.center())
            name, ink = ("warning", c.danger) if self._problem else ("picture", c.quiet)
            icons.paint_icon(painter, name, glyph, ink)
        else:
            painter.drawPixmap(square, self._thumbnail, covering(self._thumbnail, square))
        painter.restore()
        painter.setPen(c.hairline)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(square.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_lines(self, painter: QPainter) -> None:
        c = theme.colours_of(self)
        left = _MARGIN + _THUMBNAIL + 10
        line = theme.scaled(_LINE)
        top = self.height() / 2 - line
        for text, size, colour, y, right in (
            (self._title, Type.CONTROL, c.text, top, self._cross.x() - 2),
            (self._detail, Type.QUIET, c.danger if self._problem else c.quiet, top + line, self.width() - 10),
        ):
            painter.setFont(type_font(size))
            painter.setPen(QColor(colour))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, right - left)
            painter.drawText(QRectF(left, y, right - left, line), Qt.AlignmentFlag.AlignVCenter, shown)

    def _describe(self) -> None:
        self.setAccessibleName(f"{self._title}, {self._detail}" if self._detail else self._title)
        self.setToolTip(f"{self._title}\n{self._detail}" if self._detail else self._title)


def covering(pixmap: QPixmap, area: QRectF) -> QRectF:
    """The middle part of the pixmap that has the area's proportions."""
    scale = min(pixmap.width() / area.width(), pixmap.height() / area.height())
    part = QRectF(0, 0, area.width() * scale, area.height() * scale)
    part.moveCenter(QRectF(pixmap.rect()).center())
    return part
