"""A sample picture with the question that a click asks about it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.views import theme
from app.views.small_picture import covering
from app.views.theme import GRID, INSET, RADIUS, Type, type_font
from app.words import tr

_WIDEST, _NARROWEST = 224, 100
_PROPORTION = 0.68  # of the picture's height to its width
_ENOUGH = 0.6  # of a picture to be shown of it


class SampleCard(QAbstractButton):
    """The picture above, the question below."""

    def __init__(self, path: str, question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question = question
        self._picture = QPixmap(path)
        self._scaled = QPixmap()
        self.setAccessibleName(tr("{question} Sample picture {stem}", question=question, stem=Path(path).stem))
        self.setToolTip(tr("Ask this about this picture"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMinimumWidth(_NARROWEST)
        self.setMaximumWidth(_WIDEST)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)  # as tall as its row
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """As wide as there is room for."""
        return QSize(_WIDEST, self.heightForWidth(_WIDEST))

    def hasHeightForWidth(self) -> bool:
        """The picture keeps its proportions, and the question breaks into lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Picture, question, and the space around it."""
        return round(width * _PROPORTION) + self._words_height(width) + 2 * INSET

    def paintEvent(self, event: QPaintEvent) -> None:
        """Card, picture, question, and what pointer and keyboard do."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(area, RADIUS, RADIUS)
        painter.fillPath(outline, QColor(c.raised))
        picture = QRectF(area.left(), area.top(), area.width(), round(self.width() * _PROPORTION))
        painter.setClipPath(outline)
        if not self._picture.isNull():
            fitting = self._fitting(picture)
            painter.drawPixmap(picture, fitting, QRectF(fitting.rect()))
        painter.fillRect(QRectF(picture.left(), picture.bottom(), picture.width(), 1), c.hairline)
        if self.underMouse() or self.isDown():
            words = QRectF(area.left(), picture.bottom(), area.width(), area.bottom() - picture.bottom())
            painter.fillRect(words, c.pressed if self.isDown() else c.hover)
        painter.setClipping(False)
        self._paint_question(painter, picture)
        focus = self.hasFocus()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(
            QPen(QColor(c.link), 2) if focus else QPen(QColor(c.control) if self.underMouse() else c.hairline, 1)
        )
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5) if focus else area, RADIUS, RADIUS)
        painter.end()

    def _paint_question(self, painter: QPainter, picture: QRectF) -> None:
        painter.setFont(_font())
        painter.setPen(QColor(theme.colours_of(self).text))
        words = QRectF(INSET, picture.bottom() + INSET, self.width() - 2 * INSET, self._words_height(self.width()))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), self._question)

    def _fitting(self, area: QRectF) -> QPixmap:
        """The picture at the size of the screen's pixels, kept until that changes."""
        ratio = self.devicePixelRatioF()
        size = QSize(round(area.width() * ratio), round(area.height() * ratio))
        if self._scaled.size() != size:
            self._scaled = _filling(self._picture, size)
        return self._scaled

    def _words_height(self, width: int) -> int:
        room = max(width - 2 * INSET, GRID)
        return QFontMetrics(_font()).boundingRect(0, 0, room, 10_000, Qt.TextFlag.TextWordWrap, self._question).height()


def _font() -> QFont:
    return type_font(Type.CONTROL)


def _filling(picture: QPixmap, size: QSize) -> QPixmap:
    """The middle of the picture, or all of it on the colour of its corner where the middle would be too little."""
    smooth = Qt.TransformationMode.SmoothTransformation
    area = QRectF(0, 0, size.width(), size.height())
    middle = covering(picture, area)
    if middle.width() * middle.height() >= _ENOUGH * picture.width() * picture.height():
        return picture.copy(middle.toRect()).scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    whole = picture.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, smooth)
    result = QPixmap(size)
    result.fill(picture.toImage().pixelColor(0, 0))
    painter = QPainter(result)
    painter.drawPixmap((size.width() - whole.width()) // 2, (size.height() - whole.height()) // 2, whole)
    painter.end()
    return result
