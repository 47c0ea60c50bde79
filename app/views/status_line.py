"""One quiet line at the bottom: which model, what it is doing, how fast the last answer was."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.state.engine_status import EngineState, EngineStatus
from app.views import figures, theme
from app.views.ink import faded
from app.words import tr

_HEIGHT = 28
_WORDS = {
    EngineState.STARTING: tr("Starting…"),
    EngineState.LOADING: tr("Loading…"),
    EngineState.READY: tr("Ready"),
    EngineState.BUSY: tr("Answering…"),
    EngineState.UNLOADED: tr("Asleep"),
    EngineState.FAILED: tr("Can't answer"),
    EngineState.GONE: tr("Stopped"),
}


class StatusLine(QWidget):
    """Follows the engine."""

    def __init__(self, engine: EngineStatus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self.setFixedHeight(theme.scaled(_HEIGHT))
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._dot = _Dot(engine, self)
        self._model = _quiet(self, tr("Model and what it is doing"))
        self._figures = _quiet(self, tr("Figures of the last answer"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GRID * 2, 0, theme.GRID * 2, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(self._dot)
        row.addWidget(self._model)
        row.addStretch(1)
        row.addWidget(self._figures)
        engine.state_changed.connect(self._follow)
        engine.model_name_changed.connect(self._follow)
        engine.usage_changed.connect(self._follow)
        engine.host_changed.connect(self._follow)
        engine.offline_changed.connect(self._follow)
        engine.errand_changed.connect(self._follow)
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        if event.type() == QEvent.Type.FontChange:
            self.setFixedHeight(theme.scaled(_HEIGHT))
        super().changeEvent(event)

    def _follow(self) -> None:
        state, errand = self._engine.state, self._engine.errand
        doing = errand if errand and state is EngineState.BUSY else _WORDS[state]
        if self._engine.offline:
            doing = tr("Offline")
        host = self._engine.host
        goes = tr("Goes to {host}", host=host) if host else ""
        self._model.setText(figures.joined(self._engine.model_name, doing, goes))
        self._model.setToolTip(tr("What you ask, and the files with it, go to {host}.", host=host) if host else "")
        usage = self._engine.usage
        if usage is not None:
            text = figures.joined(figures.speed(usage), figures.first_word(usage), figures.memory(usage))
            self._figures.setText(text)
            self._figures.setToolTip(f"{tr('The last answer')}\n{figures.in_full(usage)}")


class _Dot(QWidget):
    """Green: ask away. Amber: wait. Red: something has to be done."""

    def __init__(self, engine: EngineStatus, parent: QWidget) -> None:
        super().__init__(parent)
        self._engine = engine
        self.setFixedSize(QSize(8, 8))
        engine.state_changed.connect(self.update)
        engine.offline_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A disc."""
        c = theme.colours_of(self)
        state = self._engine.state
        if state in (EngineState.GONE, EngineState.FAILED):
            colour = c.danger
        else:
            colour = c.good if self._engine.can_answer and not self._engine.offline else c.warning
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(colour, 1))
        painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()


def _quiet(parent: QWidget, name: str) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", "quiet")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(name)
    return label
