"""What a person can do with the boxes on the picture: point, click, walk through them by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from app.state.stage import Stage
from app.views.stage.gestures import Gestures

if TYPE_CHECKING:
    from app.views.stage.canvas import Canvas


class BoxGestures(Gestures):
    """Turns input on the canvas into changes of the stage."""

    def __init__(self, canvas: Canvas, stage: Stage) -> None:
        super().__init__(canvas)
        self._boxes, self._stage = canvas, stage
        self._clicked: QPointF | None = None

    def hover(self, at: QPointF | None) -> bool:
        """The box under the pointer lights up."""
        under = self._boxes.boxes_under(at) if at is not None else []
        self._stage.hovered = under[0] if under else None
        return bool(under)

    def click(self, at: QPointF) -> None:
        """Select the box; once more, or beside all boxes, select none."""
        under = self._boxes.boxes_under(at)
        self._clicked = at
        wanted = under[0] if under else None
        self._stage.selected = None if wanted == self._stage.selected else wanted

    def key(self, event: QKeyEvent) -> bool:
        """Up and down walk, Space hides, Escape lets go."""
        key = event.key()
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
