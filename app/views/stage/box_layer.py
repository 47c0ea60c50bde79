"""The boxes of the stage as they lie in the view: painting them, and finding the one under the pointer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter

from app.state.boxes import colour_on
from app.state.stage import Stage
from app.state.turn import FoundBox
from app.views.stage import box_painting as look
from app.views.stage.geometry import Placement, box_rect, snapped
from app.views.stage.tags import Labelled, place_tags
from app.views.theme import box_colour

MOST_TAGS = 40
"""With more boxes, labels would hide the picture; then only those looked at have one."""
_REACH = 3.0
_ROOM = 2.0  # of the picture's edge that a label leaves free


class BoxLayer:
    """Follows the stage; computes when asked, keeps what is the same until something moves."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._rects: dict[int, QRectF] = {}
        self._tags: dict[int, QRectF] = {}

    def visible(self) -> list[FoundBox]:
        """The boxes that the person wants to see, in the order of the answer."""
        return [found for found in self._stage.boxes() if self._stage.wants(found)]

    @property
    def is_crowded(self) -> bool:
        """Whether only the boxes that are looked at have labels."""
        return len(self.visible()) > MOST_TAGS

    def lay_out(self, placement: Placement, picture: QSizeF, view: QRectF, pixel_ratio: float) -> None:
        """Compute where boxes and labels lie; to be called when boxes, picture or view have changed."""
        boxes = self.visible()
        self._rects = {
            found.number: snapped(placement.rect(box_rect(found.box, picture)), pixel_ratio) for found in boxes
        }
        bounds = placement.rect(QRectF(QPointF(), picture)).intersected(view).adjusted(_ROOM, _ROOM, -_ROOM, -_ROOM)
        self._tags = _tags(self._tagged(boxes), self._rects, bounds)

    def _tagged(self, boxes: Sequence[FoundBox]) -> list[FoundBox]:
        if len(boxes) <= MOST_TAGS:
            return list(boxes)
        looked_at = (self._stage.hovered, self._stage.selected)
        return [found for found in boxes if found.number in looked_at]

    def rect(self, number: int) -> QRectF:
        """Where a visible box lies in the view; empty for others."""
        return self._rects.get(number, QRectF())

    def tag(self, number: int) -> QRectF:
        """Where its label lies; empty if it has none."""
        return self._tags.get(number, QRectF())

    def extent(self, number: int) -> QRectF:
        """All that is painted for a box: fill, line, halo and label."""
        return _grown(self.rect(number), _REACH).united(self.tag(number))

    def under(self, point: QPointF) -> list[int]:
        """The boxes at this point, the smallest first: it is the one that is hardest to meet by chance."""
        for number, tag in reversed(self._tags.items()):
            if tag.contains(point):
                return [number]
        met = [number for number, rect in self._rects.items() if _grown(rect, _REACH).contains(point)]
        return sorted(met, key=lambda number: self._rects[number].width() * self._rects[number].height())

    def paint(self, painter: QPainter, opacity: Mapping[int, float], part: QRectF) -> None:
        """What there is in this part of the view: large boxes first, those looked at last, then all labels."""
        stage, visible = self._stage, self.visible()
        boxes = [found for found in visible if found.number in self._rects]
        boxes = [found for found in boxes if self.extent(found.number).intersects(part)]
        boxes.sort(key=lambda found: self._rank(found.number))
        for found in boxes:
            fill = look.FILL_SELECTED if found.number == stage.selected else look.FILL
            fill = max(fill, look.FILL_HOVERED) if found.number == stage.hovered else fill
            painter.setOpacity(opacity.get(found.number, 1.0))
            rounded = len(visible) <= MOST_TAGS
            look.paint_box(painter, self._rects[found.number], self._colour(found), fill, rounded=rounded)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for found in boxes:
            if found.number in self._tags:
                painter.setOpacity(opacity.get(found.number, 1.0))
                text = look.tag_text(found.label)
                look.paint_tag(painter, self._tags[found.number], text, self._colour(found))
        painter.setOpacity(1.0)

    def _colour(self, found: FoundBox) -> QColor:
        return box_colour(colour_on(self._stage.picture, found))

    def _rank(self, number: int) -> tuple[bool, bool, float]:
        rect = self._rects[number]
        return number == self._stage.selected, number == self._stage.hovered, -rect.width() * rect.height()


def _grown(rect: QRectF, by: float) -> QRectF:
    return rect.adjusted(-by, -by, by, by)


def _tags(boxes: Sequence[FoundBox], rects: Mapping[int, QRectF], bounds: QRectF) -> dict[int, QRectF]:
    """A place for the label of every box of which something can be seen."""
    font = look.tag_font()
    seen = [found for found in boxes if look.tag_text(found.label) and rects[found.number].intersects(bounds)]
    labelled = []
    for found in seen:
        rect = rects[found.number]
        size = look.tag_size(look.tag_text(found.label), font, bounds.width())
        labelled.append(Labelled((rect.left(), rect.top(), rect.right(), rect.bottom()), *size))
    places = place_tags(labelled, (bounds.left(), bounds.top(), bounds.right(), bounds.bottom()))
    return {
        found.number: QRectF(left, top, right - left, bottom - top)
        for found, (left, top, right, bottom) in zip(seen, places, strict=True)
    }
