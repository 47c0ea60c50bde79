"""How a picture is looked at: the whole of it, or a part that can be moved and enlarged."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

from app.state.stage import Zoom
from app.views.stage.geometry import MOST_ENLARGED, Placement, fitted, kept_inside, zoomed

STEP = 1.25


class Viewport:
    """The picture's place in a view of some size.

    Attributes:
        is_fitted: the whole picture is shown, and stays so when the view changes its size.
    """

    def __init__(self) -> None:
        self.is_fitted = True
        self.picture = QSizeF()
        self.view = QRectF()
        self.placement = Placement(1.0, 0.0, 0.0)

    @property
    def can_pan(self) -> bool:
        """Whether there is more of the picture than is seen."""
        return not self.is_fitted

    @property
    def is_valid(self) -> bool:
        """Whether there is a picture and room for it."""
        return not self.picture.isEmpty() and not self.view.isEmpty()

    def set_picture(self, size: QSizeF) -> None:
        """Another picture, shown whole."""
        self.picture = size
        self.fit()

    def set_view(self, view: QRectF) -> None:
        """The view has another size; what was in its middle stays there."""
        if not self.is_fitted and self.is_valid and not view.isEmpty():
            moved = view.center() - self.view.center()
            self.view = view
            self.pan(moved)
            return
        self.view = view
        self.fit()

    def fit(self) -> None:
        """The whole picture."""
        self.is_fitted = True
        if self.is_valid:
            self.placement = self._whole()

    def zoom(self, how: Zoom, pixel_ratio: float) -> None:
        """What the menu offers; `actual` shows a pixel of the picture as one of the screen."""
        if how == "fit":
            self.fit()
        elif how == "actual":
            self.zoom_to(1 / pixel_ratio, self.view.center())
        else:
            self.zoom_to(self.placement.scale * (STEP if how == "in" else 1 / STEP), self.view.center())

    def zoom_to(self, scale: float, about: QPointF) -> None:
        """Another scale, around a point of the view; smaller than the whole picture is the whole picture."""
        if not self.is_valid:
            return
        smallest = self._whole().scale
        if scale <= smallest * 1.001:
            self.fit()
            return
        self.is_fitted = False
        self.placement = self._kept(zoomed(self.placement, min(scale, MOST_ENLARGED), about))

    def pan(self, by: QPointF) -> None:
        """Move the picture, as far as it goes."""
        if self.is_valid and self.can_pan:
            old = self.placement
            self.placement = self._kept(Placement(old.scale, old.x + by.x(), old.y + by.y()))

    def show_part(self, part: QRectF) -> None:
        """Move the picture so that this part of it can be seen."""
        seen = self.placement.rect(part)
        across = max(self.view.left() - seen.left(), 0.0) or min(self.view.right() - seen.right(), 0.0)
        down = max(self.view.top() - seen.top(), 0.0) or min(self.view.bottom() - seen.bottom(), 0.0)
        self.pan(QPointF(across, down))

    def _whole(self) -> Placement:
        """Where the picture lies when nothing is enlarged."""
        return fitted(self.picture, self.view)

    def _kept(self, placement: Placement) -> Placement:
        """Moved so that the view is filled as far as it can be."""
        return kept_inside(placement, self.picture, self.view)
