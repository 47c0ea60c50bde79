"""One of a few, side by side: tabs, ways of looking, widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from app.views import icons, theme
from app.views.ink import faded
from app.views.theme import Type, type_font

_PADDING = 9


@dataclass(frozen=True)
class Choice:
    """One of them.

    Attributes:
        value: what it stands for.
        title: what it says; where it has an icon, as a tooltip.
        icon: a glyph in place of words.
        help: what it is for, as a tooltip.
    """

    value: str
    title: str
    icon: str = ""
    help: str = ""


class Segmented(QWidget):
    """Exactly one is chosen; one stop for Tab, arrow keys choose.

    Signals:
        chosen: the value of the one that the person wants; it is shown as chosen when `set_current` says so.
    """

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        """`name` is read aloud."""
        super().__init__(parent)
        self._values = [choice.value for choice in choices]
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        self.segments = [_Segment(choice, self) for choice in choices]
        for segment in self.segments:
            segment.clicked.connect(partial(self._on_clicked, segment.choice.value))
            row.addWidget(segment)
        self.set_current(self._values[0])

    @property
    def current(self) -> str:
        """The value that is chosen."""
        return self._values[self._current]

    def set_current(self, value: str) -> None:
        """Show this one as chosen."""
        self._current = self._values.index(value)
        for index, segment in enumerate(self.segments):
            segment.setChecked(index == self._current)
            stops = index == self._current
            segment.setFocusPolicy(Qt.FocusPolicy.TabFocus if stops else Qt.FocusPolicy.NoFocus)
        if any(segment.hasFocus() for segment in self.segments):
            self.segments[self._current].setFocus(Qt.FocusReason.OtherFocusReason)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        wanted = self._current + step
        if step == 0:
            super().keyPressEvent(event)
        elif 0 <= wanted < len(self.segments) and self.segments[wanted].isEnabled():
            self.chosen.emit(self._values[wanted])

    def paintEvent(self, event: QPaintEvent) -> None:
        """The trough that they lie in."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours_of(self).hover)
        painter.drawRoundedRect(QRectF(self.rect()), theme.CONTROL_RADIUS + 2, theme.CONTROL_RADIUS + 2)
        painter.end()

    def _on_clicked(self, value: str) -> None:
        wanted, shown = value, self.current
        self.set_current(shown)  # Qt has ticked the segment by itself; the state decides
        if wanted != shown:
            self.chosen.emit(wanted)


class _Segment(QAbstractButton):
    """Raised when it is the chosen one."""

    def __init__(self, choice: Choice, parent: Segmented) -> None:
        super().__init__(parent)
        self.choice = choice
        self.setCheckable(True)
        self.setAccessibleName(choice.title)
        self.setToolTip(choice.help or (choice.title if choice.icon else ""))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Wide enough for its words when they are bold, so that nothing moves."""
        height = theme.scaled(theme.TARGET) - 2
        if self.choice.icon:
            return QSize(height + 4, height)
        words = QFontMetrics(type_font(Type.CONTROL, bold=True)).horizontalAdvance(self.choice.title)
        return QSize(words + 2 * _PADDING, height)

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows belong to the whole, which Qt would take for moving the focus."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, words or glyph, focus ring."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if self.isChecked():
            painter.setPen(QPen(faded(c.text, 0.16), 1))
            painter.setBrush(QColor(c.raised))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        elif self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c.pressed if self.isDown() else c.hover)
            painter.drawRoundedRect(area, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        ink = QColor(c.text if self.isChecked() or self.underMouse() else c.quiet)
        if not self.isEnabled():
            ink = faded(c.quiet, 0.6)
        if self.choice.icon:
            side = theme.scaled(icons.SIZE)
            glyph = QRectF(0, 0, side, side)
            glyph.moveCenter(area.center())
            icons.paint_icon(painter, self.choice.icon, glyph, ink)
        else:
            painter.setFont(type_font(Type.CONTROL, bold=self.isChecked()))
            painter.setPen(ink)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.choice.title)
        if self.hasFocus():
            theme.paint_focus(painter, self, area)
        painter.end()
