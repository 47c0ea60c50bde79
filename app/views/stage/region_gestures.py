"""What a person does while choosing a part of the picture: drawing, dragging, sizing, by mouse or keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from app.state.region_edges import Grip, drawn, moved, resized
from app.state.stage import Stage
from app.views.stage import region_frame

if TYPE_CHECKING:
    from app.views.stage.canvas import Canvas

_STEP = 10.0  # of the grid's 1000
_LEAST_DRAG = 4.0  # pixels: less is a click that slipped
_START = (250.0, 250.0, 750.0, 750.0)
_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class RegionGestures:
    """Changes `stage.region`; the canvas's gestures ask it first while a part is being chosen."""

    def __init__(self, canvas: Canvas, stage: Stage) -> None:
        self._canvas, self._stage = canvas, stage
        self._grip: Grip | None = None
        self._start = self._last = QPointF()

    def cursor(self, at: QPointF) -> Qt.CursorShape:
        """How the pointer looks here."""
        return region_frame.cursor(region_frame.grip_at(self._canvas.region_rect(), at))

    def press(self, at: QPointF) -> None:
        """Take a handle or the part, or begin another part."""
        self._grip = region_frame.grip_at(self._canvas.region_rect(), at)
        self._start = self._last = at

    def move(self, to: QPointF) -> None:
        """What was taken follows."""
        stage, (down, across) = self._stage, self._on_grid(to)
        if self._grip is None:
            if (to - self._start).manhattanLength() >= _LEAST_DRAG:
                stage.region = drawn(self._on_grid(self._start), (down, across))
        elif stage.region is not None:
            before = self._on_grid(self._last)
            stage.region = resized(stage.region, self._grip, down - before[0], across - before[1])
        self._last = to

    def release(self) -> bool:
        """Whether there is a part now that was drawn or changed."""
        return self._stage.region is not None and (self._last - self._start).manhattanLength() >= _LEAST_DRAG

    def key(self, event: QKeyEvent) -> bool:
        """Arrows move, with Shift they size; without a part they begin with one in the middle. Esc ends it."""
        stage, key = self._stage, event.key()
        if key == Qt.Key.Key_Escape:
            stage.end_drawing()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            stage.region = stage.region or _START
            self._canvas.region_chosen.emit()
        elif key in _ARROWS:
            down, across = _ARROWS[key]
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if stage.region is None:
                stage.region = _START
            elif shifted:
                stage.region = resized(stage.region, (1, 1), down * _STEP, across * _STEP)
            else:
                stage.region = moved(stage.region, down * _STEP, across * _STEP)
        else:
            return False
        return True

    def _on_grid(self, at: QPointF) -> tuple[float, float]:
        """A point of the view on the picture's grid, down and across."""
        point, picture = self._canvas.viewport.placement.on_picture(at), self._canvas.viewport.picture
        return point.y() * 1000 / picture.height(), point.x() * 1000 / picture.width()
