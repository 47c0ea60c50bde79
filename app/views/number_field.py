"""A whole number within a range, with its unit, a little less or a little more at a press."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from app.views import theme
from app.views.icon_button import IconButton
from app.words import tr


class NumberField(QWidget):
    """Typed, or stepped with the arrow keys or the two buttons beside it.

    Signals:
        chosen: the number that the person wants.
    """

    chosen = Signal(int)

    def __init__(
        self, name: str, least: int, most: int, step: int, unit: str, zero: str, parent: QWidget | None = None
    ) -> None:
        """`zero` is said in place of the least number; `name` is read aloud."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.box = _Box(self)
        self.box.setProperty("role", "field")
        self.box.setAccessibleName(name)
        self.box.setRange(least, most)
        self.box.setSingleStep(step)
        self.box.setSuffix(f" {unit}" if unit else "")
        self.box.setSpecialValueText(zero)
        self.box.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.box.setKeyboardTracking(False)
        less, more = (
            IconButton("minus", tr("Less: {name}", name=name), self),
            IconButton("plus", tr("More: {name}", name=name), self),
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID // 2)
        for widget in (less, self.box, more):
            row.addWidget(widget)
        for button, way in ((less, -1), (more, 1)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys do the same in the field
            button.clicked.connect(lambda _=False, way=way: self.box.stepBy(way))
        self.setFocusProxy(self.box)
        self.box.valueChanged.connect(self.chosen)

    def set_value(self, value: int) -> None:
        """Show this one."""
        self.box.setValue(value)


class _Box(QSpinBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Who scrolls past it does not mean it."""
        event.ignore()
