"""How loud a recording is from its beginning to its end, and where it is heard now: a click goes there."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.state.clock import clock
from app.views import theme
from app.views.ink import faded
from app.words import tr

_HEIGHT = 36
_BAR, _GAP = 2, 1
_STEP = 5.0  # seconds that an arrow key goes
_LEAST = 0.04  # of the height; silence is a line


class Waveform(QWidget):
    """Bars, those already heard in the accent.

    Signals:
        sought: the moment that was clicked, in seconds.
    """

    sought = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._peaks: tuple[float, ...] = ()
        self._seconds = self._position = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Place in the recording"))

    def show_sound(self, peaks: tuple[float, ...], seconds: float) -> None:
        """The recording; peaks may be missing yet."""
        self._peaks, self._seconds = peaks, seconds
        self.update()

    def show_position(self, seconds: float) -> None:
        """Where it is heard now."""
        if seconds != self._position:
            self._position = seconds
            self.setAccessibleDescription(clock(seconds))
            self.update()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(200, theme.scaled(_HEIGHT))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        self._seek_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along."""
        self._seek_to(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right."""
        step = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.sought.emit(min(max(self._position + step, 0.0), self._seconds))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, playhead, focus ring."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        heard = self._position / self._seconds * self.width() if self._seconds else 0.0
        count = max(self.width() // (_BAR + _GAP), 1)
        middle, most = self.height() / 2, self.height() - 8
        for number in range(count):
            left = number * (_BAR + _GAP)
            height = max(self._loudness(number, count), _LEAST) * most
            painter.setBrush(QColor(c.link) if left < heard else faded(c.text, 0.32))
            painter.drawRoundedRect(QRectF(left, middle - height / 2, _BAR, height), 1, 1)
        if self._position > 0:
            painter.setBrush(QColor(c.link))
            painter.drawRoundedRect(QRectF(heard - 0.75, 1, 1.5, self.height() - 2), 0.75, 0.75)
        if self.hasFocus():
            theme.paint_focus(painter, self, QRectF(self.rect()))
        painter.end()

    def _loudness(self, number: int, count: int) -> float:
        """The loudest moment under a bar, 0 to 1, quiet speech made visible."""
        if not self._peaks:
            return 0.0
        start = number * len(self._peaks) // count
        end = max((number + 1) * len(self._peaks) // count, start + 1)
        loudest = max(self._peaks) or 1.0
        return (max(self._peaks[start:end]) / max(loudest, 0.05)) ** 0.8

    def _seek_to(self, x: float) -> None:
        if self._seconds:
            self.sought.emit(min(max(x / max(self.width(), 1), 0.0), 1.0) * self._seconds)
