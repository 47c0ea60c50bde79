"""How a file's picture looks when it is small: rounded, cut to its place, or a glyph as long as there is none."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QWidget

from app.views import icons, theme

_ROUNDING = 6


def paint_small_picture(
    painter: QPainter, widget: QWidget, area: QRectF, pixmap: QPixmap, *, problem: bool = False, glyph: str = "picture"
) -> None:
    """The middle of the pixmap; for a null one, a glyph that says what it is, or problem; around it a hairline."""
    c = theme.colours_of(widget)
    outline = QPainterPath()
    outline.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), _ROUNDING, _ROUNDING)
    painter.save()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if pixmap.isNull():
        painter.fillPath(outline, c.hover)
        side = theme.scaled(icons.SIZE)
        place = QRectF(0, 0, side, side)
        place.moveCenter(area.center())
        icons.paint_icon(painter, "warning" if problem else glyph, place, c.danger if problem else c.quiet)
    else:
        painter.setClipPath(outline)
        painter.drawPixmap(area, pixmap, covering(pixmap, area))
        painter.setClipping(False)
    painter.setPen(c.hairline)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(outline)
    painter.restore()


def covering(pixmap: QPixmap, area: QRectF) -> QRectF:
    """The middle part of the pixmap that has the area's proportions."""
    scale = min(pixmap.width() / area.width(), pixmap.height() / area.height())
    part = QRectF(0, 0, area.width() * scale, area.height() * scale)
    part.moveCenter(QRectF(pixmap.rect()).center())
    return part
