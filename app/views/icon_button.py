"""A button that is only a glyph: its tooltip says what it does."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.views import icons, theme
from app.views.ink import faded


class IconButton(QAbstractButton):
    """A glyph on nothing, or, as the main control of its place, on the accent.

    Attributes:
        primary: drawn on a disc of the accent.
    """

    def __init__(self, icon: str, title: str, parent: QWidget | None = None, *, primary: bool = False) -> None:
        super().__init__(parent)
        self.primary = primary
        self._icon = icon
        self.set_title(title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_icon(self, icon: str) -> None:
        """Another glyph."""
        self._icon = icon
        self.update()

    def set_title(self, title: str, shortcut: QKeySequence | None = None) -> None:
        """What it does, in a verb; shown as a tooltip and read aloud."""
        keys = shortcut.toString(QKeySequence.SequenceFormat.NativeText) if shortcut else ""
        self.setToolTip(f"{title} ({keys})" if keys else title)
        self.setAccessibleName(title)

    def sizeHint(self) -> QSize:
        """Just large enough to hit, and larger where text is."""
        side = theme.scaled(theme.TARGET)
        return QSize(side, side)

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, glyph, focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        radius = area.height() / 2 if self.primary else theme.CONTROL_RADIUS
        painter.setPen(Qt.PenStyle.NoPen)
        for ground in self._grounds():
            painter.setBrush(ground)
            painter.drawRoundedRect(area, radius, radius)
        side = theme.scaled(icons.SIZE)
        glyph = QRectF(0, 0, side, side)
        glyph.moveCenter(area.center())
        icons.paint_icon(painter, self._icon, glyph, self._ink())
        if self.hasFocus():
            c = theme.colours_of(self)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(c.text if self.primary else c.link), 2))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), radius, radius)
        painter.end()

    def _grounds(self) -> list[QColor]:
        """What is laid under the glyph."""
        c = theme.colours_of(self)
        if not self.isEnabled():
            return [c.pressed] if self.primary else []
        grounds = [QColor(c.accent)] if self.primary else []
        if self.isDown():
            grounds.append(c.pressed)
        elif self.isChecked() or self.underMouse():
            grounds.append(c.hover)
        return grounds

    def _ink(self) -> QColor:
        c = theme.colours_of(self)
        if not self.isEnabled():
            return faded(c.quiet, 0.6)
        if self.primary:
            return QColor(c.on_accent)
        return QColor(c.text if self.isChecked() or self.underMouse() else c.quiet)
