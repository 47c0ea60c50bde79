"""Where Tab goes next: through what is on the screen from top to bottom and left to right, however it came there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

_ROW = 4  # pixels by which things in one row may be off each other's middle


def focus_stops(root: QWidget) -> list[QWidget]:
    """Everything inside that takes the keyboard by Tab now, in reading order."""
    children = [child for child in root.children() if isinstance(child, QWidget) and not child.isWindow()]
    stops: list[QWidget] = []
    for child in sorted((child for child in children if child.isVisible()), key=_place):
        if child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.focusProxy() is None:
            stops.append(child)
        stops += focus_stops(child)
    return stops


def move_focus(root: QWidget, forward: bool) -> bool:
    """Give the keyboard to the next or previous stop, and scroll it into view; False if there is none."""
    stops = focus_stops(root)
    if not stops:
        return False
    here = root.focusWidget()
    if here in stops:
        target = stops[(stops.index(here) + (1 if forward else -1)) % len(stops)]
    else:
        target = stops[0 if forward else -1]
    target.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    around = target.parentWidget()
    while around is not None and around is not root:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(target)
        around = around.parentWidget()
    return True


def _place(widget: QWidget) -> tuple[int, int]:
    middle = widget.geometry().center()
    return round(middle.y() / _ROW), middle.x()
