"""The field beside the part of a picture that was drawn: what the person wants to know about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QLineEdit, QPushButton

from app.actions.regions import RegionActions
from app.state.session import Session
from app.views import theme
from app.views.icon_button import IconButton
from app.views.ink import faded
from app.views.stage.canvas import Canvas
from app.words import tr

_GAP = 10
_WIDTH = 340


class RegionBar(QFrame):
    """Stands below the part, or where there is room; comes with it and goes with it."""

    def __init__(self, canvas: Canvas, session: Session, actions: RegionActions) -> None:
        super().__init__(canvas)
        self._canvas, self._stage, self._actions = canvas, session.stage, actions
        self.setProperty("role", "card")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.field = QLineEdit(self)
        self.field.setProperty("role", "field")
        self.field.setPlaceholderText(tr("Ask about this part…"))
        self.field.setAccessibleName(tr("Question about this part"))
        self.field.setAcceptDrops(False)
        self.field.installEventFilter(self)
        self._ask = QPushButton(tr("Ask"), self)
        self._ask.setProperty("role", "primary")
        self._ask.clicked.connect(self._on_asked)
        self.field.returnPressed.connect(self._on_asked)
        close = IconButton("close", tr("Choose no part"), self)
        close.clicked.connect(actions.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GRID, theme.GRID, theme.GRID // 2, theme.GRID)
        row.setSpacing(theme.GRID)
        row.addWidget(self.field, 1)
        row.addWidget(self._ask)
        row.addWidget(close)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 4)
        shadow.setColor(faded("#000000", 0.35))
        self.setGraphicsEffect(shadow)
        self.hide()
        canvas.moved.connect(self._follow)
        canvas.region_chosen.connect(self._on_region_chosen)
        self._stage.region_changed.connect(self._follow)
        self._stage.is_drawing_changed.connect(self._on_is_drawing_changed)
        session.conversation.running_changed.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc chooses no part; it is not for the conversation then."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._actions.cancel()
                return True
        return super().eventFilter(watched, event)

    def _follow(self, *_: object) -> None:
        part = self._canvas.region_rect()
        self.setVisible(not part.isNull())
        self._ask.setEnabled(self._actions.can_ask)
        if not part.isNull():
            self.resize(min(theme.scaled(_WIDTH), self._canvas.width() - 2 * _GAP), self.sizeHint().height())
            self.move(self._place(part))

    def _place(self, part: QRectF) -> QPoint:
        """Below, above, or over the lower edge of the part."""
        width, height = self._canvas.width(), self._canvas.height()
        x = min(max(part.center().x() - self.width() / 2, _GAP), width - self.width() - _GAP)
        below, above = part.bottom() + _GAP, part.top() - _GAP - self.height()
        if below + self.height() + _GAP <= height:
            y = below
        elif above >= _GAP:
            y = above
        else:
            y = min(part.bottom(), height) - _GAP - self.height()
        return QPoint(round(x), round(y))

    def _on_region_chosen(self) -> None:
        self._follow()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_is_drawing_changed(self, drawing: bool) -> None:
        if not drawing:
            had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
            self.hide()
            self.field.clear()
            if had_focus:
                self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_asked(self) -> None:
        self._actions.ask(self.field.text())
        self._follow()
