"""The picture with its boxes: shown whole or enlarged, boxes fading in while the answer streams."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.platform.accessibility import wants_less_motion
from app.state.attachments import Attachment
from app.state.sheets import Sheet
from app.state.stage import Stage, Zoom
from app.state.turn import FoundBox, Turn
from app.views import theme
from app.views.stage import placeholder, region_frame
from app.views.stage.box_gestures import BoxGestures
from app.views.stage.box_layer import BoxLayer
from app.views.stage.fading import Fading
from app.views.stage.geometry import box_rect, snapped
from app.views.stage.pannable import Pannable
from app.views.stage.picture_source import PictureSource
from app.views.stage.viewport import Viewport
from app.words import tr

_MARGIN = 2 * theme.GRID


class Canvas(Pannable):
    """Follows the stage. What the person does with it is in `BoxGestures`.

    Signals `region_chosen()` when the part is drawn that they want to ask about, and `moved()` when something lies
    elsewhere now.
    """

    region_chosen = Signal()
    moved = Signal()

    def __init__(self, stage: Stage, parent: QWidget | None = None, *, animated: bool | None = None) -> None:
        """`animated` None asks the system."""
        super().__init__(Viewport(), parent)
        self._stage = stage
        self._turn: Turn | None = None
        self._picture: Attachment | Sheet | None = None
        self._source = PictureSource(self)
        self._unreadable = False
        self._stale, self._ratio = True, 1.0
        self.layer = BoxLayer(stage)
        self.fading = Fading(
            self._on_fading, animated=not wants_less_motion() if animated is None else animated, parent=self
        )
        self.setAccessibleName(tr("Picture"))
        self._source.ready.connect(self._on_source_ready)
        self._source.failed.connect(self._on_source_failed)
        stage.turn_changed.connect(self._on_turn_changed)
        stage.image_changed.connect(self._on_picture_changed)
        for changed in (stage.hidden_changed, stage.words_changed, stage.media_index_changed):
            changed.connect(self.refresh)
        stage.region_changed.connect(self.refresh)
        stage.coloured.connect(self.update)
        stage.is_drawing_changed.connect(self._on_is_drawing_changed)
        stage.hovered_changed.connect(self._on_hovered_changed)
        stage.selected_changed.connect(self._on_selected_changed)
        stage.zoom_wanted.connect(self._on_zoom_wanted)
        self._on_turn_changed(stage.turn)
        self._on_picture_changed(stage.image)
        self._gestures = BoxGestures(self, stage)

    @property
    def has_picture(self) -> bool:
        """Whether a picture is to be seen."""
        return not self._source.is_empty and self.viewport.is_valid

    def refresh(self) -> None:
        """Something lies elsewhere now: compute and paint again."""
        self._stale = True
        self.update()
        self.moved.emit()

    def boxes_under(self, point: QPointF) -> list[int]:
        """Numbers of the boxes at this point, the likeliest first."""
        self._lay_out()
        return self.layer.under(point)

    def region_rect(self) -> QRectF:
        """Where the part that is being chosen lies in the view; null if there is none."""
        region = self._stage.region
        if region is None or not self.has_picture:
            return QRectF()
        return snapped(self.viewport.placement.rect(box_rect(region, self.viewport.picture)), self.devicePixelRatioF())

    def _asked_parts(self) -> list[QRectF]:
        """Where the parts lie that the turn asks about; while another is being chosen they would only confuse."""
        stage = self._stage
        if stage.turn is None or stage.is_drawing:
            return []
        regions = [file.region for file in stage.turn.attachments if file.region is not None]
        here = [region for region in regions if region.of is stage.picture and region.sheet == stage.sheet]
        placement, picture = self.viewport.placement, self.viewport.picture
        return [snapped(placement.rect(box_rect(region.box, picture)), self._ratio) for region in here]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture and boxes, or why there is none."""
        painter = QPainter(self)
        if self.has_picture:
            self._lay_out()
            target = self.viewport.placement.rect(QRectF(QPointF(), self.viewport.picture))
            self._source.paint(painter, target, self.devicePixelRatioF())
            painter.setPen(theme.colours_of(self).hairline)
            painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))
            for part in self._asked_parts():
                region_frame.paint_asked(painter, part)
            self.layer.paint(painter, self.fading.opacities(), QRectF(event.rect()))
            if self._stage.is_drawing:
                region_frame.paint(painter, target, self.region_rect())
            self._paint_ends(painter)
        elif self._picture is not None:
            placeholder.paint(painter, self, self._picture, unreadable=self._unreadable)
        self._paint_ring(painter)
        painter.end()

    def _lay_out(self) -> None:
        ratio = self.devicePixelRatioF()
        if self.has_picture and (self._stale or ratio != self._ratio):
            self._stale, self._ratio = False, ratio
            view = self.viewport
            self.layer.lay_out(view.placement, view.picture, QRectF(self.rect()), ratio)

    def _on_zoom_wanted(self, how: Zoom) -> None:
        if self._stage.tab == "picture":
            self.zoom(how)

    def _on_turn_changed(self, turn: Turn | None) -> None:
        if self._turn is not None:
            self._turn.box_found.disconnect(self._on_box_found)
            self._turn.restarted.disconnect(self.refresh)
        self._turn = turn
        if turn is not None:
            turn.box_found.connect(self._on_box_found)
            turn.restarted.connect(self.refresh)
        self.refresh()

    def _on_box_found(self, found: FoundBox) -> None:
        if found in self._stage.boxes():
            self.fading.begin(found.number)
            self.refresh()

    def _on_fading(self) -> None:
        """Only what fades is painted again."""
        for number in self.fading.numbers():
            self.update(self.layer.extent(number).toAlignedRect())

    def _on_is_drawing_changed(self, drawing: bool) -> None:
        if drawing:
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.setCursor(Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor)
        self.refresh()

    def _on_picture_changed(self, picture: Attachment | Sheet | None) -> None:
        if self._picture is not None:
            self._picture.display_changed.disconnect(self._on_display_changed)
            self._picture.status_changed.disconnect(self.refresh)
        same_file = _file_of(picture) is _file_of(self._picture)
        self._picture = picture
        self._unreadable = False
        small = picture.thumbnail if isinstance(picture, Sheet) and picture.width else ""  # until the large one is made
        if picture is None or not same_file or not (picture.display or small):
            self._source.close()
        if picture is not None:
            self.setAccessibleName(tr("Picture {name}", name=picture.name))
            picture.display_changed.connect(self._on_display_changed)
            picture.status_changed.connect(self.refresh)
            self._on_display_changed(picture.display or small)
        self.refresh()

    def _on_display_changed(self, path: str) -> None:
        if path:
            self._source.replace(path)

    def _on_source_ready(self) -> None:
        picture = self._picture
        known = picture is not None and picture.width > 0 and picture.height > 0
        size = QSizeF(picture.width, picture.height) if picture is not None and known else QSizeF(self._source.size)
        self._unreadable = False
        self.viewport.set_picture(size)
        self.refresh()

    def _on_source_failed(self) -> None:
        self._unreadable = True
        self.refresh()

    def _on_hovered_changed(self) -> None:
        self._stale = self._stale or self.layer.is_crowded
        self.update()

    def _on_selected_changed(self, number: int | None) -> None:
        found = next((box for box in self.layer.visible() if box.number == number), None)
        if found is not None and self.has_picture and not self.viewport.is_fitted:
            self.viewport.show_part(box_rect(found.box, self.viewport.picture))
            self._stale = True
        self._on_hovered_changed()


def _file_of(picture: Attachment | Sheet | None) -> Attachment | None:
    return picture.of if isinstance(picture, Sheet) else picture
