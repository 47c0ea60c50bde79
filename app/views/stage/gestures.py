"""What a person can do on any canvas of the stage: point, click, drag, enlarge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.state.stage import Zoom

if TYPE_CHECKING:
    from app.views.stage.pannable import Pannable

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
    """Turns input into changes of what part of the picture is seen; what a point or a click means is its kinds' own."""

    def __init__(self, canvas: Pannable) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._dragging = self._gripped = False
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
                return event.type() == QEvent.Type.KeyPress and self._plain_key(event)
            case _:
                if event.type() == QEvent.Type.Leave:
                    self.hover(None)
                return False

    def hover(self, at: QPointF | None) -> bool:
        """The pointer is there, or nowhere; whether a click there would do something."""
        raise NotImplementedError

    def click(self, at: QPointF) -> None:
        """A click that was no drag."""
        raise NotImplementedError

    def grip(self, at: QPointF) -> bool:
        """Whether dragging from here moves something else than the picture."""
        return False

    def begin_grip(self, at: QPointF) -> None:
        """It is taken here."""

    def move_grip(self, to: QPointF) -> None:
        """Move that."""

    def end_grip(self, at: QPointF) -> None:
        """It is let go."""

    def grip_cursor(self, at: QPointF) -> Qt.CursorShape:
        """What the pointer looks like where something can be taken."""
        return Qt.CursorShape.SplitHCursor

    def key(self, event: QKeyEvent) -> bool:
        """A key without modifiers but Shift; whether it meant something."""
        key = event.key()  # a number: keys of other scripts are not in Qt.Key
        if key in _PANS:
            self._canvas.pan(_PANS[key])
        elif key in _ZOOMS:
            self._canvas.zoom(_ZOOMS[key])
        else:
            return False
        return True

    def _mouse(self, event: QMouseEvent) -> bool:
        at = event.position()
        kind = event.type()
        if kind == QEvent.Type.MouseMove:
            self._move(at)
        elif event.button() != Qt.MouseButton.LeftButton:
            return False
        elif kind == QEvent.Type.MouseButtonPress:
            self._pressed = self._last = at
            self._dragging, self._gripped = False, self.grip(at)
            self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
            if self._gripped:
                self.begin_grip(at)
        elif kind == QEvent.Type.MouseButtonRelease:
            if self._pressed is not None and not self._dragging and not self._gripped:
                self.click(at)
            elif self._gripped:
                self.end_grip(at)
            self._pressed, self._gripped = None, False
            self._show_cursor(at)
        elif kind == QEvent.Type.MouseButtonDblClick and not self.grip(at):
            self._toggle_size(at)
        return True

    def _move(self, at: QPointF) -> None:
        if self._pressed is None:
            self._show_cursor(at)
            return
        if self._gripped:
            self.move_grip(at)
            return
        far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if self._dragging or far:
            self._dragging = True
            self._canvas.pan(at - self._last)
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._last = at

    def _show_cursor(self, at: QPointF) -> None:
        if self.grip(at):
            self.hover(None)
            self._canvas.setCursor(self.grip_cursor(at))
        elif self.hover(at):
            self._canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        elif self._canvas.viewport.can_pan:
            self._canvas.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self._canvas.unsetCursor()

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
        elif not self._canvas.viewport.can_pan:
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

    def _plain_key(self, event: QKeyEvent) -> bool:
        others = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier & ~Qt.KeyboardModifier.KeypadModifier
        return not others and self.key(event)  # with others, they are the menu's
