"""A small card for one file: its picture, its name, one quiet line, and a button that takes it away."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.views import theme
from app.views.icon_button import IconButton
from app.views.small_picture import paint_small_picture
from app.views.theme import Type, type_font
from app.words import tr

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
        self.glyph = "picture"
        self._title, self._detail = title, detail
        self._problem = False
        self._thumbnail = QPixmap()
        self._cross = IconButton("close", tr("Remove {title}", title=title), self)
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

    def detail_right(self) -> int:
        """Where the quiet line ends at the latest."""
        return self.width() - 10

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
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(QColor(c.raised))
        painter.setPen(QColor(c.link) if self.hasFocus() else c.hairline)
        painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)
        if self.hasFocus():
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), theme.RADIUS - 1, theme.RADIUS - 1)
        square = QRectF(_MARGIN, (self.height() - _THUMBNAIL) / 2, _THUMBNAIL, _THUMBNAIL)
        paint_small_picture(painter, self, square, self._thumbnail, problem=self._problem, glyph=self.glyph)
        self._paint_lines(painter)
        painter.end()

    def _paint_lines(self, painter: QPainter) -> None:
        c = theme.colours_of(self)
        left = _MARGIN + _THUMBNAIL + 10
        line = theme.scaled(_LINE)
        top = self.height() / 2 - line
        for text, size, colour, y, right in (
            (self._title, Type.CONTROL, c.text, top, self._cross.x() - 2),
            (self._detail, Type.QUIET, c.danger if self._problem else c.quiet, top + line, self.detail_right()),
        ):
            painter.setFont(type_font(size))
            painter.setPen(QColor(colour))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, right - left)
            painter.drawText(QRectF(left, y, right - left, line), Qt.AlignmentFlag.AlignVCenter, shown)

    def _describe(self) -> None:
        self.setAccessibleName(f"{self._title}, {self._detail}" if self._detail else self._title)
        self.setToolTip(f"{self._title}\n{self._detail}" if self._detail else self._title)
