"""What lies over the pictures of a page: the element pointed at or selected, and the regions that differ."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QFont, QPainter

from app.state.page import PageElement, Rendering
from app.views.stage.box_painting import paint_box, paint_tag, tag_font, tag_size
from app.views.stage.geometry import box_rect, snapped
from app.words import tr
from mlx_gemma4.protocol.events import DifferentRegion

ELEMENT, REGION = QColor("#7B7BF0"), QColor("#E69F00")
"""Data like boxes: the same in light and dark."""
_WHOLE_PAGE = ("html", "body")
_FILL, _FILL_SELECTED = 0.10, 0.16
_GAP = 3.0


def innermost(elements: Sequence[PageElement], at: QPointF) -> PageElement | None:
    """The element at this point of the page, in CSS pixels: parents come before children, so the last that has it."""
    for element in reversed(elements):
        if element.tag not in _WHOLE_PAGE and QRectF(*element.box).contains(at):
            return element
    return None


def pointable(rendering: Rendering | None) -> list[PageElement]:
    """All that can be pointed at, in the order of the page."""
    return [element for element in rendering.elements if element.tag not in _WHOLE_PAGE] if rendering else []


def element_rect(element: PageElement, rendering: Rendering, area: QRectF) -> QRectF:
    """Where an element lies on the canvas's picture, of which the page takes `area`."""
    scale = area.width() / rendering.width
    x, y, width, height = element.box
    return QRectF(area.x() + x * scale, area.y() + y * scale, width * scale, height * scale)


def region_at(regions: Sequence[DifferentRegion], area: QRectF, at: QPointF) -> int | None:
    """Which region lies at this point of the picture; the smallest of several."""
    met = [(_area(rect), index) for index, rect in enumerate(region_rects(regions, area)) if rect.contains(at)]
    return min(met)[1] if met else None


def region_rects(regions: Sequence[DifferentRegion], area: QRectF) -> list[QRectF]:
    """Where the regions lie on the picture."""
    rects = [box_rect(region.box, QSizeF(area.size())) for region in regions]
    return [rect.translated(area.topLeft()) for rect in rects]


def paint_element(
    painter: QPainter, element: PageElement, rect: QRectF, view: QRectF, pixel_ratio: float, *, selected: bool
) -> None:
    """Outline and tag; `rect` and `view` are in the view."""
    width, height = round(element.box[2]), round(element.box[3])
    text = element.tag if selected else f"{element.tag}  {width} × {height}"
    _paint(painter, snapped(rect, pixel_ratio), text, ELEMENT, _FILL_SELECTED if selected else _FILL, view)


def paint_region(painter: QPainter, rect: QRectF, place: int, view: QRectF, pixel_ratio: float) -> None:
    """Outline and which it is, counted from 0."""
    text = tr("Differs most") if place == 0 else tr("Differs, {value} of all", value=place + 1)
    _paint(painter, snapped(rect, pixel_ratio), text, REGION, 0.0, view)


def paint_faint_region(painter: QPainter, rect: QRectF, pixel_ratio: float) -> None:
    """One that is not pointed at."""
    painter.save()
    painter.setOpacity(0.45)
    paint_box(painter, snapped(rect, pixel_ratio), REGION, 0.0)
    painter.restore()


def _paint(painter: QPainter, rect: QRectF, text: str, colour: QColor, fill: float, view: QRectF) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_box(painter, rect, colour, fill)
    paint_tag(painter, _tag_place(rect, text, tag_font(), view), text, colour)
    painter.restore()


def _tag_place(rect: QRectF, text: str, font: QFont, view: QRectF) -> QRectF:
    """Above the rectangle, below it where there is no room, or inside; never outside the view."""
    width, height = tag_size(text, font, view.width())
    left = min(max(rect.left() - 1, view.left()), view.right() - width)
    for top in (rect.top() - height - _GAP, rect.bottom() + _GAP, rect.top() + _GAP):
        if view.top() <= top <= view.bottom() - height:
            return QRectF(left, top, width, height)
    return QRectF(left, max(rect.top(), view.top()) + _GAP, width, height)


def _area(rect: QRectF) -> float:
    return rect.width() * rect.height()
