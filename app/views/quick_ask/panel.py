"""Quick ask: one line over whatever the person is doing, and the answer below it."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QCursor,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.actions.action import Action
from app.actions.quick_ask import QuickAskActions
from app.platform.focus import SETTLING_MS, remember_focus, take_focus
from app.platform.windows import float_over_everything, has_translucency
from app.state.quick_ask import QuickAsk
from app.views import theme
from app.views.ink import mixed
from app.views.notice_bar import NoticeBar
from app.views.quick_ask.answer_area import AnswerArea
from app.views.quick_ask.bar import HEIGHT, Bar
from app.views.reading_order import move_focus
from app.words import tr

WIDTH, MOST = 640, 420
RADIUS = 14
_EDGE = 0.2  # how much of the text's colour the edge has
_FROM_TOP = 0.18  # of the screen's height: the line is in its upper third
_FLAGS = Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint


class QuickAskPanel(QWidget):
    """Follows `QuickAsk`: shows itself, and is gone again with the keyboard back where it was."""

    def __init__(self, quick: QuickAsk, actions: QuickAskActions, run: Callable[[str], None]) -> None:
        """`run` does what a notice's button says, where that is nothing of the panel's own."""
        super().__init__(None, _FLAGS)
        self._quick, self._actions = quick, actions
        self._give_back: Callable[[], None] = lambda: None
        self._returning = QTimer(self, singleShot=True, interval=SETTLING_MS)
        self._returning.timeout.connect(lambda: self._give_back())
        self._fitting = QTimer(self, singleShot=True, interval=0)
        self._fitting.timeout.connect(self._fit)
        self.setWindowTitle(tr("Quick Ask"))
        self.setAccessibleName(tr("Quick Ask"))
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        session = quick.session
        self.bar = Bar(session, actions, self)
        self._run = run
        self._notice_area = QWidget(self)
        self.answer = AnswerArea(session, actions, self)
        self._lower = QWidget(self)
        self._build()
        self.answer.height_wanted.connect(self._fitting.start)
        session.notices.items_changed.connect(self._fitting.start)
        session.conversation.count_changed.connect(self._on_count_changed)
        session.attachments.is_capturing_changed.connect(self._follow)
        quick.is_open_changed.connect(self._on_is_open_changed)
        actions.window_wanted.connect(self._on_window_wanted)
        for action in (actions.keep, actions.attachments.capture):
            self._bind(action)
        QShortcut(QKeySequence("Ctrl+."), self, actions.conversation.stop.trigger)
        self._on_count_changed(0)
        self._fit()

    def warm_up(self) -> None:
        """Make everything that the first showing would have to wait for."""
        float_over_everything(int(self.winId()))
        self.grab()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab follows reading order."""
        return move_focus(self, forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes; page keys scroll the answer, wherever the keyboard is."""
        if event.key() == Qt.Key.Key_Escape:
            self._actions.close.trigger()
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.answer.turn_page(1 if event.key() == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """However it is closed, it is closed as by Esc."""
        event.ignore()
        self._actions.close.trigger()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and pictures are welcome."""
        if self._actions.attachments.concerns(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask about what was let go of."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._actions.attachments.add_from(event.mimeData())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Without translucency the corners are cut off."""
        if not has_translucency():
            outline = _outline(QRectF(self.rect()), RADIUS).toFillPolygon().toPolygon()
            self.setMask(QRegion(outline))
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card over everything else, and a hairline under the first line."""
        c = theme.colours_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for ground, inset in ((mixed(c.text, c.content, _EDGE), 0), (QColor(c.content), 1)):
            painter.setBrush(ground)
            painter.drawPath(_outline(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS - inset))
        if not self._lower.isHidden():
            painter.setPen(c.hairline)
            y = self.bar.height() + 0.5
            painter.drawLine(QPointF(1, y), QPointF(self.width() - 1, y))
        painter.end()

    def _build(self) -> None:
        keep = QPushButton(self._actions.keep.title, self)
        keep.setProperty("role", "link")
        keys = QKeySequence(self._actions.keep.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)
        keep.setToolTip(tr("Go on in the window ({keys})", keys=keys))
        keep.clicked.connect(self._actions.keep.trigger)
        self._actions.keep.enabled_changed.connect(keep.setEnabled)
        keep.setEnabled(self._actions.keep.enabled)
        below = QHBoxLayout()
        below.setContentsMargins(theme.GRID, 4, theme.GRID, theme.GRID)
        below.addStretch(1)
        below.addWidget(keep)
        line = QFrame(self._lower)
        line.setProperty("role", "hairline")
        line.setFixedHeight(1)
        lower = QVBoxLayout(self._lower)
        lower.setContentsMargins(0, 1, 0, 0)
        lower.setSpacing(0)
        lower.addWidget(self.answer, 1)
        lower.addWidget(line)
        lower.addLayout(below)
        around = QVBoxLayout(self._notice_area)
        around.setContentsMargins(theme.INSET, 0, theme.INSET, theme.INSET)
        around.addWidget(NoticeBar(self._quick.session.notices, self._on_notice_acted, self._notice_area))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._notice_area)
        column.addWidget(self._lower, 1)
        self.bar.field.document().documentLayout().documentSizeChanged.connect(self._fitting.start)

    def _bind(self, action: Action) -> None:
        for keys in action.shortcuts:
            QShortcut(QKeySequence(keys), self, action.trigger)

    def _fit(self) -> None:
        """As tall as what there is to read, up to a limit; the line stays where it is."""
        height = max(self.bar.sizeHint().height(), theme.scaled(HEIGHT))
        self._notice_area.setVisible(bool(self._quick.session.notices.items))
        if not self._notice_area.isHidden():
            height += self._notice_area.heightForWidth(theme.scaled(WIDTH))
        if not self._lower.isHidden():
            height += self.answer.wanted_height() + self._lower.sizeHint().height() - self.answer.sizeHint().height()
        self.setFixedSize(theme.scaled(WIDTH), min(height, theme.scaled(MOST)))

    def _on_notice_acted(self, action_id: str) -> None:
        if not self._actions.run(action_id):
            self._run(action_id)

    def _on_count_changed(self, count: int) -> None:
        self._lower.setVisible(count > 0)
        self.update()
        self._fitting.start()

    def _on_is_open_changed(self, is_open: bool) -> None:
        if is_open:
            if self._returning.isActive():
                self._returning.stop()  # it is still on its way back to where it shall go in the end
            else:
                self._give_back = remember_focus()
            self._place()
        self._follow()
        if not is_open:
            self._returning.start()

    def _on_window_wanted(self) -> None:
        self._give_back = lambda: None

    def _place(self) -> None:
        screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        left = room.left() + (room.width() - self.width()) // 2
        self.move(left, room.top() + round(room.height() * _FROM_TOP))

    def _follow(self) -> None:
        """While a region is being chosen, the panel is out of the way."""
        shown = self._quick.is_open and not self._quick.session.attachments.is_capturing
        if shown and not self.isVisible():
            self._fit()
            self.show()
            self.raise_()
            if sys.platform != "darwin":  # there the panel takes the keyboard by itself, and the app stays behind
                self.activateWindow()
            take_focus(int(self.winId()))
            self.bar.field.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not shown:
            self.hide()


def _outline(area: QRectF, radius: float) -> QPainterPath:
    outline = QPainterPath()
    outline.addRoundedRect(area, radius, radius)
    return outline
