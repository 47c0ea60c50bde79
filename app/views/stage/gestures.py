"""What a person can do on the picture: point, click, drag, enlarge, walk through boxes by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.state.stage import Stage, Zoom

if TYPE_CHECKING:
    from app.views.stage.canvas import Canvas

_WHEEL_STEP = 120.0
_WHEEL_ZOOM = 1.2
_KEY_PAN = 40.0
_PANS: dict[int, QPointF] = {
    Qt.Key.Key_Left: QPointF(_KEY_PAN, 0),
    Qt.Key.Key_Right: QPointF(-_KEY_PAN, 0),
}
_ZOOMS: dict[int, Zoom] = {
    Qt.Key.Key_Plus: "in",
    Qt.Key.Key_Equal: "in",
    Qt.Key.Key_Minus: "out",
    Qt.Key.Key_0: "fit",
    Qt.Key.Key_1: "actual",
}


class Gestures(QObject):
    """Turns input on the canvas into changes of the stage and of what part of the picture is seen."""

    def __init__(self, canvas: Canvas, stage: Stage) -> None:
        super().__init__(canvas)
        self._canvas, self._stage = canvas, stage
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._dragging = False
        self._clicked: QPointF | None = None
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether the event meant something here."""
        if not self._canvas.has_picture:
            return False
        match event:
            case QWheelEvent():
                return self._wheel(event)
            case QNativeGestureEvent():
                return self._gesture(event)
            case QMouseEvent():
                return self._mouse(event)
            case QKeyEvent():
                return event.type() == QEvent.Type.KeyPress and self._key(event)
            case _:
                if event.type() == QEvent.Type.Leave:
                    self._stage.hovered = None
                return False

    def _mouse(self, event: QMouseEvent) -> bool:
        at = event.position()
        kind = event.type()
        if kind == QEvent.Type.MouseMove:
            self._move(at)
        elif event.button() != Qt.MouseButton.LeftButton:
            return False
        elif kind == QEvent.Type.MouseButtonPress:
            self._pressed = self._last = at
            self._dragging = False
            self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        elif kind == QEvent.Type.MouseButtonRelease:
            if self._pressed is not None and not self._dragging:
                self._click(at)
            self._pressed = None
            self._show_cursor(at)
        elif kind == QEvent.Type.MouseButtonDblClick:
            self._toggle_size(at)
        return True

    def _move(self, at: QPointF) -> None:
        if self._pressed is None:
            under = self._canvas.boxes_under(at)
            self._stage.hovered = under[0] if under else None
            self._show_cursor(at)
            return
        far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if self._dragging or far:
            self._dragging = True
            self._canvas.pan(at - self._last)
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._last = at

    def _show_cursor(self, at: QPointF) -> None:
        if self._stage.hovered is not None:
            self._canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        elif not self._canvas.viewport.is_fitted:
            self._canvas.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self._canvas.unsetCursor()

    def _click(self, at: QPointF) -> None:
        """Select the box; once more, or beside all boxes, select none."""
        under = self._canvas.boxes_under(at)
        self._clicked = at
        wanted = under[0] if under else None
        self._stage.selected = None if wanted == self._stage.selected else wanted

    def _toggle_size(self, at: QPointF) -> None:
        """From the whole picture to twice that and back."""
        viewport = self._canvas.viewport
        if viewport.is_fitted:
            self._canvas.zoom_to(viewport.placement.scale * 2, at)
        else:
            self._canvas.zoom("fit")

    def _wheel(self, event: QWheelEvent) -> bool:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = _WHEEL_ZOOM ** (event.angleDelta().y() / _WHEEL_STEP)
            self._canvas.zoom_to(self._canvas.viewport.placement.scale * factor, event.position())
        elif self._canvas.viewport.is_fitted:
            return False
        else:
            by = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
            self._canvas.pan(QPointF(by))
        event.accept()
        return True

    def _gesture(self, event: QNativeGestureEvent) -> bool:
        """A trackpad: pinch, and the two-finger double tap."""
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            scale = self._canvas.viewport.placement.scale * (1 + event.value())
            self._canvas.zoom_to(scale, event.position())
        elif event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
            self._toggle_size(event.position())
        else:
            return False
        return True

    def _key(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier & ~Qt.KeyboardModifier.KeypadModifier:
            return False  # those are the menu's
        key = event.key()  # a number: keys of other scripts are not in Qt.Key
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._walk(1 if key == Qt.Key.Key_Down else -1)
        elif key in _PANS:
            self._canvas.pan(_PANS[key])
        elif key in _ZOOMS:
            self._canvas.zoom(_ZOOMS[key])
        elif key == Qt.Key.Key_Space and self._stage.selected is not None:
            self._stage.toggle_hidden(self._stage.selected)
        elif key == Qt.Key.Key_Escape and self._stage.selected is not None:
            self._stage.selected = None
        else:
            return False
        return True

    def _walk(self, step: int) -> None:
        """To the next box among those that lie over each other where the person clicked, or among all."""
        everything = [found.number for found in self._canvas.layer.visible()]
        under = self._canvas.boxes_under(self._clicked) if self._clicked is not None else []
        among = under if len(under) > 1 and self._stage.selected in under else everything
        if not among:
            return
        selected = self._stage.selected
        if selected in among:
            self._stage.selected = among[(among.index(selected) + step) % len(among)]
        else:
            self._stage.selected = among[0 if step > 0 else -1]
