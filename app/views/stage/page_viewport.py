"""How a page is looked at: as wide as the view, from its top, with as much below as there is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, QSizeF

from app.views.stage.geometry import Placement, kept_inside
from app.views.stage.viewport import Viewport

_MOST = 1.0
"""A page that is narrower than the view is not enlarged: its words would only be blurred."""
_NARROWEST = 1e-3


class PageViewport(Viewport):
    """A viewport whose picture is fitted to the width, and can then still be moved up and down."""

    def __init__(self) -> None:
        super().__init__()
        self._covered = 0.0

    @property
    def can_pan(self) -> bool:
        """Whether there is more of the page than is seen."""
        return not self.is_fitted or self.picture.height() * self.placement.scale > self._height + 0.5

    @property
    def _height(self) -> float:
        """Of the view, less what is covered."""
        return self.view.height() - self._covered

    def cover(self, height: float) -> None:
        """So much of the view's lower edge is covered by something: the page can be moved up by that much more."""
        self._covered = height
        if self.is_valid:
            self.placement = self._kept(self.placement)

    def grow(self, size: QSizeF) -> None:
        """The page has become longer or shorter while it is looked at; its top stays where it is."""
        if size.width() != self.picture.width() or not self.is_valid:
            self.set_picture(size)
        elif size != self.picture:
            self.picture = size
            self._settle(self.placement.y)

    def set_view(self, view: QRectF) -> None:
        """The view has another size; what was on top of it stays there."""
        top = self.placement.on_picture(self.view.topLeft()).y() if self.is_valid else 0.0
        super().set_view(view)
        if self.is_fitted and self.is_valid:
            self._settle(self.view.top() - top * self.placement.scale)

    def _settle(self, y: float) -> None:
        """The page's top to this height of the view, or as near as it can be."""
        if self.is_fitted:
            self.placement = self._whole()
        self.placement = self._kept(replace(self.placement, y=y))

    def _whole(self) -> Placement:
        scale = max(min(self.view.width() / self.picture.width(), _MOST), _NARROWEST)
        across = (self.view.width() - self.picture.width() * scale) / 2
        return Placement(scale, self.view.left() + across, self.view.top())

    def _kept(self, placement: Placement) -> Placement:
        uncovered = self.view.adjusted(0, 0, 0, -self._covered)
        kept = kept_inside(placement, self.picture, uncovered)
        fits = self.picture.height() * kept.scale <= uncovered.height()
        return replace(kept, y=self.view.top()) if fits else kept
