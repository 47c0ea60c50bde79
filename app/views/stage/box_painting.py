"""How a box and its label look; boxes are data, so they look the same in light and dark."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from app.views.ink import contrast, faded
from app.views.theme import Type, type_font
from mlx_gemma4.protocol.box_colours import HALO

LINE = 2
HALO_WIDTH = 1
FILL, FILL_HOVERED, FILL_SELECTED = 0.18, 0.26, 0.35
LONGEST_LABEL = 40
_ROUNDING = 3.0
_TAG_INSET, _TAG_ROUNDING = 7.0, 4.0


def ink_on_box(colour: QColor) -> str:
    """Black or white, whichever is easier to read on a box's colour."""
    return max("#000000", "#FFFFFF", key=lambda ink: contrast(ink, colour))


def paint_box(painter: QPainter, rect: QRectF, colour: QColor, fill: float, *, rounded: bool = True) -> None:
    """Fill, halo on both sides, line; `rect` lies on whole pixels and the line's middle lies on its edges.

    Round corners take ten times as long, so they are for few boxes.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, rounded)
    join = Qt.PenJoinStyle.RoundJoin if rounded else Qt.PenJoinStyle.MiterJoin
    looks = (
        (QPen(Qt.PenStyle.NoPen), QBrush(faded(colour, fill))),
        (
            QPen(faded(HALO, 0.85), LINE + 2 * HALO_WIDTH, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, join),
            QBrush(Qt.BrushStyle.NoBrush),
        ),
        (QPen(colour, LINE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, join), QBrush(Qt.BrushStyle.NoBrush)),
    )
    for pen, brush in looks:
        painter.setPen(pen)
        painter.setBrush(brush)
        if rounded:
            painter.drawRoundedRect(rect, _ROUNDING, _ROUNDING)
        else:
            painter.drawRect(rect)


def tag_font() -> QFont:
    """Small and firm."""
    return type_font(Type.QUIET, bold=True)


def tag_text(label: str) -> str:
    """The label on one line, and not longer than a line should be; empty if it is nothing to read."""
    text = " ".join(label.split())
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def tag_size(text: str, font: QFont, widest: float) -> tuple[float, float]:
    """Width and height of a label, in whole pixels."""
    metrics = QFontMetricsF(font)
    width = min(metrics.horizontalAdvance(text) + 2 * _TAG_INSET, widest)
    return float(int(width) + 1), float(int(metrics.ascent() + metrics.descent()) + 6)


def paint_tag(painter: QPainter, rect: QRectF, text: str, colour: QColor) -> None:
    """The label on the box's colour; cut with an ellipsis if it has less room than it needs."""
    painter.setPen(QPen(faded(HALO, 0.85), 1))
    painter.setBrush(colour)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _TAG_ROUNDING, _TAG_ROUNDING)
    painter.setPen(QColor(ink_on_box(colour)))
    painter.setFont(tag_font())
    room = rect.adjusted(_TAG_INSET, 0, -_TAG_INSET / 2, 0)
    shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def paint_swatch(painter: QPainter, square: QRectF, colour: QColor, shown: bool) -> None:
    """A tick box in the box's colour: filled and ticked while the box is shown."""
    ring = QColor(colour)
    if shown:
        painter.setPen(QPen(faded(HALO, 0.5), 1))
        painter.setBrush(colour)
        painter.drawRoundedRect(square.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QPen(QColor(ink_on_box(colour)), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        x, y, s = square.x(), square.y(), square.width() / 16
        tick = [QPointF(x + 4.2 * s, y + 8.4 * s), QPointF(x + 7 * s, y + 11.2 * s), QPointF(x + 11.8 * s, y + 5.2 * s)]
        painter.drawPolyline(tick)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ring, 2))
        painter.drawRoundedRect(square.adjusted(1.5, 1.5, -1.5, -1.5), 3.5, 3.5)
