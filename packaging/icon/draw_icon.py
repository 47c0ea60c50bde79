"""Draws the app's icon: light falls through a prism, and what it shows is framed like a thing that was found."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt  # noqa: TID251
from PySide6.QtGui import (  # noqa: TID251
    QBrush,
    QColor,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QPolygonF,
    QRadialGradient,
)

SIDE = 1024
TARGET = Path(__file__).parents[2] / "resources" / "icons" / "prism.png"

# The plate of a Mac's icon: 824 of 1024 pixels, with room for the shadow.
PLATE = QRectF(100, 100, 824, 824)
ROUNDING = 186.0
TOP, LEFT, RIGHT, MIDDLE = QPointF(512, 326), QPointF(310, 672), QPointF(714, 672), QPointF(512, 548)
FRAME = QRectF(236, 236, 552, 552)
CORNER, ARM, STROKE = 64.0, 128.0, 34.0
BLUNTED = 30.0


def main() -> int:
    """Draw and save; returns the exit code."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    return 0 if draw(SIDE).save(str(target)) else 1


def draw(side: int) -> QImage:
    """The icon at a size in pixels."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / SIDE, side / SIDE)
    _shadow(painter)
    _plate(painter)
    _prism(painter)
    _frame(painter)
    painter.end()
    return image


def _shadow(painter: QPainter) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for spread in range(24, 0, -2):
        painter.setBrush(QColor(10, 8, 40, 6))
        grown = PLATE.adjusted(-spread, -spread + 12, spread, spread + 12)
        painter.drawRoundedRect(grown, ROUNDING + spread, ROUNDING + spread)


def _plate(painter: QPainter) -> None:
    """Deep violet, lighter where the light comes from."""
    ground = QLinearGradient(PLATE.topLeft(), PLATE.bottomRight())
    for at, colour in ((0.0, "#7A78F0"), (0.5, "#4A44C2"), (1.0, "#241C6B")):
        ground.setColorAt(at, QColor(colour))
    painter.setBrush(QBrush(ground))
    painter.drawRoundedRect(PLATE, ROUNDING, ROUNDING)
    glow = QRadialGradient(QPointF(330, 220), 620)
    glow.setColorAt(0, QColor(255, 255, 255, 60))
    glow.setColorAt(1, QColor(255, 255, 255, 0))
    painter.setBrush(QBrush(glow))
    painter.drawRoundedRect(PLATE, ROUNDING, ROUNDING)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(255, 255, 255, 46), 3))
    painter.drawRoundedRect(PLATE.adjusted(1.5, 1.5, -1.5, -1.5), ROUNDING - 1.5, ROUNDING - 1.5)


def _prism(painter: QPainter) -> None:
    """Three faces in colours of boxes, meeting at a point."""
    faces = (
        ((TOP, LEFT, MIDDLE), "#A5DBF8", "#4FB0E8"),
        ((TOP, RIGHT, MIDDLE), "#FFD15C", "#EBA200"),
        ((LEFT, RIGHT, MIDDLE), "#F0A3CB", "#C75E98"),
    )
    painter.save()
    painter.setClipPath(_outline())
    painter.setPen(Qt.PenStyle.NoPen)
    for (start, end, ridge), light, full in faces:
        shade = QLinearGradient(start, end)
        shade.setColorAt(0, QColor(light))
        shade.setColorAt(1, QColor(full))
        painter.setBrush(QBrush(shade))
        painter.drawPolygon(QPolygonF([_beyond(start), _beyond(end), ridge]))
    painter.setPen(QPen(QColor(255, 255, 255, 190), 9))
    for corner in (TOP, LEFT, RIGHT):
        painter.drawLine(MIDDLE, _beyond(corner))
    painter.restore()


def _outline() -> QPainterPath:
    """The triangle with blunted corners."""
    triangle = QPainterPath()
    triangle.addPolygon(QPolygonF([TOP, LEFT, RIGHT, TOP]))
    pen = QPainterPathStroker()
    pen.setWidth(BLUNTED)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return triangle.united(pen.createStroke(triangle))


def _beyond(corner: QPointF) -> QPointF:
    """Where the ridge to this corner would go on to, well outside the outline."""
    return MIDDLE + (corner - MIDDLE) * 2


def _frame(painter: QPainter) -> None:
    """Four corners of a box around it."""
    path = QPainterPath()
    for x, y, across, down in (
        (FRAME.left(), FRAME.top(), 1, 1),
        (FRAME.right(), FRAME.top(), -1, 1),
        (FRAME.right(), FRAME.bottom(), -1, -1),
        (FRAME.left(), FRAME.bottom(), 1, -1),
    ):
        path.moveTo(x, y + down * ARM)
        path.lineTo(x, y + down * CORNER)
        path.quadTo(x, y, x + across * CORNER, y)
        path.lineTo(x + across * ARM, y)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor("white"), STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPath(path)


if __name__ == "__main__":
    sys.exit(main())
