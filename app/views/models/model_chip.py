"""Which model answers, in the header; a click opens the sheet to choose another."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.actions.models import ModelActions
from app.state.engine_status import EngineState
from app.state.models import found_title
from app.state.session import Session
from app.views import icons, theme
from app.views.theme import Type, type_font
from app.words import tr
from mlx_gemma4.protocol.server_address import read_address, split_remote_path

_DOT, _ARROW, _PAD = 8, 14, 10
_WIDEST = 320


class ModelChip(QAbstractButton):
    """Follows the engine, and the download that is furthest."""

    def __init__(self, session: Session, actions: ModelActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine, self._models, self._actions = session.engine, session.models, actions
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        keys = QKeySequence(actions.show.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(tr("Choose a model ({keys})", keys=keys))
        self._text = ""
        for changed in (self._engine.state_changed, self._engine.model_name_changed, self._models.found_changed):
            changed.connect(self._follow)
        for changed in (self._engine.host_changed, self._engine.offline_changed):
            changed.connect(self._follow)
        self._models.downloads_changed.connect(self._on_downloads_changed)
        self.clicked.connect(actions.show.trigger)
        self._heard: set[object] = set()
        self._follow()

    def sizeHint(self) -> QSize:
        """As wide as its words, within reason."""
        words = QFontMetrics(type_font(Type.CONTROL)).horizontalAdvance(self._text)
        return QSize(min(words + _DOT + _ARROW + 4 * _PAD, theme.scaled(_WIDEST)), theme.scaled(theme.TARGET))

    def minimumSizeHint(self) -> QSize:
        """Where there is little room, the words are cut."""
        return QSize(theme.scaled(100), theme.scaled(theme.TARGET))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dot, words, arrow."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        painter.setPen(c.hairline)
        painter.setBrush(c.pressed if self.isDown() or self._models.is_open else QColor(c.raised))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c.hover)
            painter.drawRoundedRect(area, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        self._paint_sign(painter)
        painter.setFont(type_font(Type.CONTROL))
        painter.setPen(QColor(c.text))
        left, right = 2 * _PAD + _DOT - 2, _ARROW + _PAD
        room = area.adjusted(left, 0, -right, 0)
        words = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        arrow = QRectF(self.width() - _ARROW - _PAD / 2, (self.height() - _ARROW) / 2, _ARROW, _ARROW)
        icons.paint_icon(painter, "chevron-down", arrow, c.quiet)
        if self.hasFocus():
            theme.paint_focus(painter, self, area)
        painter.end()

    def _paint_sign(self, painter: QPainter) -> None:
        """A dot, or for a model somewhere else a server, in the colour that says whether it can be asked."""
        if self._is_remote:
            side = _DOT + 8
            place = QRectF(_PAD - 4, (self.height() - side) / 2, side, side)
            icons.paint_icon(painter, "server", place, self._dot_colour())
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._dot_colour()))
        painter.drawEllipse(QRectF(_PAD, (self.height() - _DOT) / 2, _DOT, _DOT))

    @property
    def _is_remote(self) -> bool:
        return split_remote_path(self._engine.model_path) is not None

    def _dot_colour(self) -> str:
        c = theme.colours_of(self)
        if self._engine.state in (EngineState.GONE, EngineState.FAILED):
            return c.danger
        return c.good if self._engine.can_answer and not self._engine.offline else c.warning

    def _on_downloads_changed(self, *_: object) -> None:
        for download in self._models.downloads:
            if download not in self._heard:
                self._heard.add(download)
                download.done_changed.connect(self._follow)
                download.status_changed.connect(self._follow)
        self._heard &= set(self._models.downloads)
        self._follow()

    def _follow(self, *_: object) -> None:
        text = self._name()
        under_way = [item for item in self._models.downloads if item.status.goes_on]
        if under_way:
            text += f"  ↓ {max(item.share for item in under_way) * 100:.0f} %"
        if text != self._text:
            self._text = text
            self.setAccessibleName(tr("Model: {said}", said=text))
            self.updateGeometry()
        self.update()

    def _name(self) -> str:
        found = self._models.by_path(self._engine.model_path)
        name = found_title(found) if found else self._engine.model_name
        remote = split_remote_path(self._engine.model_path)
        if remote is not None:
            return self._remote_name(*remote)
        if self._engine.state in (EngineState.STARTING, EngineState.LOADING):
            return tr("Loading {model}…", model=name) if found else tr("Loading the model…")
        return name or tr("No model")

    def _remote_name(self, url: str, model: str) -> str:
        """`gemma-4-e4b-it on macstudio.local:1234`: the name without who made it, and where it is."""
        host, name = read_address(url).host, model.rpartition("/")[2]
        if self._engine.state in (EngineState.STARTING, EngineState.LOADING):
            return tr("Connecting to {host}…", host=host)
        if self._engine.offline:
            return tr("{model} on {host}, offline", model=name, host=host)
        return tr("{model} on {host}", model=name, host=host)
