"""How the part of a picture looks that is being chosen: the rest in the shade, a frame, eight handles."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.state.region_edges import GRIPS, INSIDE, Grip
from app.views.ink import faded
from mlx_gemma4.protocol.box_colours import HALO

HANDLE = 10.0
_REACH = 9.0  # around a handle's middle, in which it can be taken
_SHADE = 0.45
_LINE = "#FFFFFF"
_CURSORS = {
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 0): Qt.CursorShape.SizeVerCursor,
    (1, 0): Qt.CursorShape.SizeVerCursor,
    (0, -1): Qt.CursorShape.SizeHorCursor,
    (0, 1): Qt.CursorShape.SizeHorCursor,
    INSIDE: Qt.CursorShape.SizeAllCursor,
}


def paint(painter: QPainter, picture: QRectF, part: QRectF) -> None:
    """Over the picture; without a part yet, all of it is a little in the shade. It is data: the same light and dark."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shade = QPainterPath()
    shade.addRect(picture)
    if not part.isNull():
        hole = QPainterPath()
        hole.addRect(part)
        shade = shade.subtracted(hole)
    painter.fillPath(shade, faded("#000000", _SHADE if not part.isNull() else _SHADE / 2))
    if not part.isNull():
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((faded(HALO, 0.7), 4), (QColor(_LINE), 2)):
            painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(part)
        painter.setPen(QPen(faded(HALO, 0.8), 1))
        painter.setBrush(QColor(_LINE))
        for grip in _grips(part):
            middle = _middle(part, grip)
            painter.drawEllipse(middle, HANDLE / 2, HANDLE / 2)
    painter.restore()


def paint_asked(painter: QPainter, part: QRectF) -> None:
    """A part that was asked about: a dashed line in two inks, seen on any picture."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(faded(_LINE, 0.9), 1.5))
    painter.drawRect(part)
    dashes = QPen(faded(HALO, 0.9), 1.5)
    dashes.setDashPattern([4, 4])
    painter.setPen(dashes)
    painter.drawRect(part)
    painter.restore()


def grip_at(part: QRectF, at: QPointF) -> Grip | None:
    """What would be taken at this point of the view; None outside the part."""
    if part.isNull():
        return None
    for grip in sorted(_grips(part), key=lambda grip: grip[0] * grip[1] == 0):  # corners first
        offset = at - _middle(part, grip)
        if max(abs(offset.x()), abs(offset.y())) <= _REACH:
            return grip
    return INSIDE if part.contains(at) else None


def cursor(grip: Grip | None) -> Qt.CursorShape:
    """How the pointer looks there."""
    return Qt.CursorShape.CrossCursor if grip is None else _CURSORS[grip]


def _grips(part: QRectF) -> list[Grip]:
    """Those that there is room for; corners always."""
    roomy_down, roomy_across = part.height() > 5 * HANDLE, part.width() > 5 * HANDLE
    return [grip for grip in GRIPS if (grip[0] or roomy_down) and (grip[1] or roomy_across)]


def _middle(part: QRectF, grip: Grip) -> QPointF:
    centre = part.center()
    return QPointF(centre.x() + grip[1] * part.width() / 2, centre.y() + grip[0] * part.height() / 2)
