"""Where a picture lies in its view, and where a box lies on the picture; no widgets, no state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF

from app.state.attachments import Place

GRID = 1000
MOST_ENLARGED = 16.0
_SMALL_PICTURE_ENLARGED = 4.0


@dataclass(frozen=True)
class Placement:
    """The picture in the view.

    Attributes:
        scale: logical pixels of the view for one pixel of the picture.
        x, y: where the picture's upper left corner lies in the view.
    """

    scale: float
    x: float
    y: float

    def rect(self, part: QRectF) -> QRectF:
        """A part of the picture, in the view."""
        s = self.scale
        return QRectF(self.x + part.x() * s, self.y + part.y() * s, part.width() * s, part.height() * s)

    def on_picture(self, point: QPointF) -> QPointF:
        """A point of the view, on the picture."""
        return QPointF((point.x() - self.x) / self.scale, (point.y() - self.y) / self.scale)


def box_rect(box: Place, picture: QSizeF) -> QRectF:
    """A box of the grid of 0–1000, in pixels of the picture."""
    y1, x1, y2, x2 = box
    across, down = picture.width() / GRID, picture.height() / GRID
    return QRectF(x1 * across, y1 * down, (x2 - x1) * across, (y2 - y1) * down)


def fitted(picture: QSizeF, view: QRectF) -> Placement:
    """The whole picture in the middle, as large as the view allows; small pictures are enlarged only so far."""
    scale = min(view.width() / picture.width(), view.height() / picture.height(), _SMALL_PICTURE_ENLARGED)
    scale = max(scale, 1e-3)
    centre = view.center()
    return Placement(scale, centre.x() - picture.width() * scale / 2, centre.y() - picture.height() * scale / 2)


def zoomed(placement: Placement, scale: float, about: QPointF) -> Placement:
    """Another scale; what lies at `about` in the view stays there."""
    ratio = scale / placement.scale
    return Placement(
        scale, about.x() - (about.x() - placement.x) * ratio, about.y() - (about.y() - placement.y) * ratio
    )


def kept_inside(placement: Placement, picture: QSizeF, view: QRectF) -> Placement:
    """Moved so that no side of the view is left empty that the picture could fill; centred where it is smaller."""
    return replace(
        placement,
        x=_kept(placement.x, picture.width() * placement.scale, view.left(), view.right()),
        y=_kept(placement.y, picture.height() * placement.scale, view.top(), view.bottom()),
    )


def snapped(rect: QRectF, pixel_ratio: float) -> QRectF:
    """The rectangle with its edges on whole pixels of the screen, so that lines on them are sharp."""
    left, top, right, bottom = (
        round(edge * pixel_ratio) / pixel_ratio for edge in (rect.left(), rect.top(), rect.right(), rect.bottom())
    )
    return QRectF(left, top, right - left, bottom - top)


def _kept(start: float, length: float, low: float, high: float) -> float:
    if length <= high - low:
        return (low + high - length) / 2
    return min(low, max(high - length, start))
