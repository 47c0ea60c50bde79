"""How the parts of the page's canvas look: captions, the line to drag, what stands in for a missing picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.state.page import PageProject, VersionStatus
from app.views import icons, theme
from app.views.ink import faded
from app.views.theme import Type, type_font
from app.words import tr

HANDLE = 15.0
"""Radius of the handle; what can be gripped is a little more."""
REACH = 10.0
_CAPTION_GAP = 6


def caption_height() -> int:
    """Of the line above the page, with the space below it."""
    return QFontMetrics(type_font(Type.QUIET)).height() + _CAPTION_GAP


def paint_caption(
    painter: QPainter, widget: QWidget, area: QRectF, text: str, *, right: bool = False, strong: bool = False
) -> None:
    """A quiet line above the page, at its left or right end; `strong` for the one that is looked at."""
    c = theme.colours_of(widget)
    painter.setFont(type_font(Type.QUIET, bold=strong))
    painter.setPen(QColor(c.text if strong else c.quiet))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(area, int(side | Qt.AlignmentFlag.AlignTop), shown)


def paint_line(painter: QPainter, widget: QWidget, x: float, area: QRectF, *, held: bool) -> None:
    """The line between screenshot and page, with its handle in the middle."""
    c = theme.colours_of(widget)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(x - 2, area.top(), 4, area.height()), faded("#FFFFFF", 0.9))
    painter.fillRect(QRectF(x - 1, area.top(), 2, area.height()), QColor(c.accent))
    centre = QPointF(x, area.center().y())
    painter.setPen(QPen(QColor("#FFFFFF"), 2))
    painter.setBrush(QColor(c.accent))
    painter.drawEllipse(centre, HANDLE + (1 if held else 0), HANDLE + (1 if held else 0))
    pen = QPen(QColor(c.on_accent), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for way in (-1, 1):
        tip, back = centre + QPointF(way * 8, 0), centre + QPointF(way * 4, 0)
        painter.drawPolyline([back - QPointF(0, 4), tip, back + QPointF(0, 4)])
    painter.restore()


def paint_nothing(painter: QPainter, widget: QWidget, area: QRectF, sentence: str, *, problem: bool = False) -> None:
    """An empty sheet with a glyph and a sentence in its middle."""
    c = theme.colours_of(widget)
    painter.fillRect(area, QColor(c.content))
    if area.width() < 4 * theme.INSET:
        return
    painter.setFont(type_font(Type.CONTROL))
    inner = area.adjusted(theme.INSET, 0, -theme.INSET, 0)
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    words = painter.boundingRect(inner, flags, sentence)
    side = theme.scaled(28)
    top = area.center().y() - (side + theme.GRID + words.height()) / 2
    glyph = QRectF(area.center().x() - side / 2, top, side, side)
    icons.paint_icon(painter, "warning" if problem else "page", glyph, c.danger if problem else c.quiet)
    painter.setPen(QColor(c.quiet))
    painter.drawText(QRectF(inner.left(), glyph.bottom() + theme.GRID, inner.width(), area.height()), flags, sentence)


def missing_page(project: PageProject) -> tuple[str, bool]:
    """Why there is no picture of the page, and whether that is a problem."""
    version = project.current
    if version is None:
        return tr("No page has been made yet"), False
    if version.status is VersionStatus.FAILED:
        return tr("No page in this answer"), True
    if version.status is VersionStatus.WRITING:
        return tr("The page appears here as it is written"), False
    return version.problem or tr("Drawing the page…"), bool(version.problem)


def missing_difference(project: PageProject) -> str:
    """Why there is no picture of the difference."""
    version = project.current
    if version is None or version.status is VersionStatus.WRITING:
        return tr("What differs is shown when the page is written")
    if version.status is VersionStatus.FAILED or version.problem:
        return tr("There is nothing to compare")
    return tr("Comparing page and screenshot…")
