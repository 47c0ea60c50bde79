"""What a person can do with the boxes on the picture: point, click, walk through them by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from app.state.stage import Stage
from app.views.stage.gestures import Gestures
from app.views.stage.region_gestures import RegionGestures

if TYPE_CHECKING:
    from app.views.stage.canvas import Canvas


class BoxGestures(Gestures):
    """Turns input on the canvas into changes of the stage."""

    def __init__(self, canvas: Canvas, stage: Stage) -> None:
        super().__init__(canvas)
        self._boxes, self._stage = canvas, stage
        self._clicked: QPointF | None = None
        self._region = RegionGestures(canvas, stage)

    def hover(self, at: QPointF | None) -> bool:
        """The box under the pointer lights up."""
        under = self._boxes.boxes_under(at) if at is not None else []
        self._stage.hovered = under[0] if under else None
        return bool(under)

    def click(self, at: QPointF) -> None:
        """Select the box; once more, the next one under it, and round again. Beside all boxes, select none."""
        under = self._boxes.boxes_under(at)
        self._clicked = at
        selected = self._stage.selected
        if selected in under and len(under) > 1:
            self._stage.selected = under[(under.index(selected) + 1) % len(under)]
        else:
            self._stage.selected = under[0] if under and under[0] != selected else None

    def grip(self, at: QPointF) -> bool:
        """While a part is being chosen, all dragging does that."""
        return self._stage.is_drawing

    def begin_grip(self, at: QPointF) -> None:
        """Take a handle or the part, or begin another."""
        self._region.press(at)

    def move_grip(self, to: QPointF) -> None:
        """It follows."""
        self._region.move(to)

    def end_grip(self, at: QPointF) -> None:
        """A part that was drawn is to be asked about."""
        if self._region.release():
            self._boxes.region_chosen.emit()

    def grip_cursor(self, at: QPointF) -> Qt.CursorShape:
        """What would be taken."""
        return self._region.cursor(at)

    def key(self, event: QKeyEvent) -> bool:
        """Up and down walk, Space hides, Escape lets go."""
        key = event.key()
        if self._stage.is_drawing and self._region.key(event):
            return True
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._walk(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Space and self._stage.selected is not None:
            self._stage.toggle_hidden(self._stage.selected)
        elif key == Qt.Key.Key_Escape and self._stage.selected is not None:
            self._stage.selected = None
        else:
            return super().key(event)
        return True

    def _walk(self, step: int) -> None:
        """To the next box among those that lie over each other where the person clicked, or among all."""
        everything = [found.number for found in self._boxes.layer.visible()]
        under = self._boxes.boxes_under(self._clicked) if self._clicked is not None else []
        among = under if len(under) > 1 and self._stage.selected in under else everything
        if not among:
            return
        selected = self._stage.selected
        if selected in among:
            self._stage.selected = among[(among.index(selected) + step) % len(among)]
        else:
            self._stage.selected = among[0 if step > 0 else -1]
