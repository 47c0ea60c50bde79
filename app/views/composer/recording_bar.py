"""What is seen while the microphone records: how loud, how long, and how it ends."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.actions.recording import RecordingActions
from app.state.clock import clock
from app.state.recording import Recording
from app.views import theme
from app.views.icon_button import IconButton
from app.views.theme import Type, type_font
from app.words import tr

_HEIGHT, _BAR, _GAP = 28, 3, 2
_LEAST = 0.06
_QUIET_AFTER = 2.0  # seconds without a sound, after which something is said about it
_SILENCE = 0.004


class RecordingBar(QWidget):
    """Takes no room while nothing is recorded."""

    def __init__(self, recording: Recording, actions: RecordingActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._recording = recording
        self._time = QLabel(self)
        self._time.setFont(type_font(Type.CONTROL, fixed=True))
        self._time.setAccessibleName(tr("Length of the recording"))
        self._hint = QLabel(tr("Nothing is heard yet"), self)
        self._hint.setProperty("role", "quiet")
        discard = IconButton("trash", tr("Throw the recording away"), self)
        discard.clicked.connect(actions.discard)
        keep = QPushButton(tr("Keep"), self)
        keep.setToolTip(tr("Stop, and add it to the question"))
        keep.clicked.connect(actions.keep)
        send = QPushButton(tr("Send"), self)
        send.setProperty("role", "primary")
        send.setToolTip(tr("Stop, and ask about it at once; without words, write it down"))
        send.clicked.connect(actions.send)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(_Dot(self))
        row.addWidget(self._time)
        row.addWidget(_Meter(recording, self), 1)
        row.addWidget(self._hint)
        for widget in (discard, keep, send):
            row.addWidget(widget)
        recording.is_on_changed.connect(self.setVisible)
        recording.seconds_changed.connect(self._follow)
        recording.loudest_changed.connect(self._follow)
        self.setVisible(recording.is_on)
        self._follow()

    def _follow(self, *_: object) -> None:
        seconds = self._recording.seconds
        self._time.setText(clock(seconds))
        self._hint.setVisible(seconds > _QUIET_AFTER and self._recording.loudest < _SILENCE)


class _Dot(QWidget):
    """It records."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(12, 12)
        self.setAccessibleName(tr("Recording"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours_of(self).danger))
        painter.drawEllipse(QRectF(1, 1, 10, 10))
        painter.end()


class _Meter(QWidget):
    """The loudness of the last seconds, the newest at the right."""

    def __init__(self, recording: Recording, parent: QWidget) -> None:
        super().__init__(parent)
        self._recording = recording
        self._levels: list[float] = []
        self.setAccessibleName(tr("Loudness"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        recording.seconds_changed.connect(self._on_moved)
        recording.is_on_changed.connect(self._levels.clear)

    def sizeHint(self) -> QSize:
        return QSize(120, theme.scaled(_HEIGHT))

    def _on_moved(self, _seconds: float) -> None:
        self._levels.append(self._recording.level)
        del self._levels[: -max(self.width() // (_BAR + _GAP), 1)]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.danger))
        for back, level in enumerate(reversed(self._levels)):
            height = max(level**0.6, _LEAST) * (self.height() - 4)
            left = self.width() - (back + 1) * (_BAR + _GAP)
            painter.drawRoundedRect(QRectF(left, (self.height() - height) / 2, _BAR, height), 1.5, 1.5)
        painter.end()
