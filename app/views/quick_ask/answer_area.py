"""Below the question: the captured picture with its boxes, and the answer as it comes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.actions.quick_ask import QuickAskActions
from app.state.session import Session
from app.state.turn import Turn
from app.views import theme
from app.views.conversation.answer_view import AnswerView
from app.views.stage.canvas import Canvas
from app.words import tr

_PICTURE = QSize(304, 236)
_NEAR_END = 24


class AnswerArea(QWidget):
    """Shows the last turn; earlier ones are found in the window, if the person wants to keep them.

    Signals:
        height_wanted: the answer has grown.

    Attributes:
        canvas: the picture; hidden where there is none.
    """

    height_wanted = Signal()

    def __init__(self, session: Session, actions: QuickAskActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self._answer: QWidget | None = None
        self._follows = True
        self.canvas = Canvas(session.stage, self)
        self.canvas.setFixedWidth(theme.scaled(_PICTURE.width()))
        self._question = QLabel(self)
        self._question.setProperty("role", "quiet")
        self._question.setTextFormat(Qt.TextFormat.PlainText)
        self._question.setWordWrap(True)
        self._question.setContentsMargins(theme.HANG, 0, 0, 0)
        self._question.setAccessibleName(tr("Question"))
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(theme.GRID * 2 - theme.HANG, theme.INSET, theme.GRID * 2, theme.GRID)
        self._column.setSpacing(theme.GRID)
        self._column.addWidget(self._question)
        self._column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._inside)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.canvas)
        row.addWidget(self._scroll, 1)
        self._inside.installEventFilter(self)
        bar = self._scroll.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range_changed)
        bar.valueChanged.connect(self._on_scrolled)
        session.conversation.turn_added.connect(self._on_turn_added)
        session.conversation.cleared.connect(self._on_cleared)
        session.stage.picture_changed.connect(self._follow_picture)
        self._follow_picture()

    def turn_page(self, pages: int) -> None:
        """Scroll the answer by so many of its heights, less a line or two."""
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.value() + pages * round(bar.pageStep() * 0.9))

    def wanted_height(self) -> int:
        """All of the answer, and the picture so large that boxes can be told apart."""
        words = self._inside.sizeHint().height()
        return max(words, _PICTURE.height()) if not self.canvas.isHidden() else words

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The words have another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.height_wanted.emit()
        return False

    def _on_turn_added(self, turn: Turn) -> None:
        self._drop_answer()
        self._question.setText(turn.question)
        self._answer = AnswerView(turn, self._session, self._actions.conversation, self._inside)
        self._column.insertWidget(1, self._answer)
        self._follows = True
        self.height_wanted.emit()

    def _on_cleared(self) -> None:
        self._drop_answer()
        self.height_wanted.emit()

    def _drop_answer(self) -> None:
        if self._answer is not None:
            self._column.removeWidget(self._answer)
            self._answer.hide()
            self._answer.deleteLater()
            self._answer = None

    def _follow_picture(self) -> None:
        self.canvas.setVisible(self._session.stage.picture is not None)
        self.height_wanted.emit()

    def _on_range_changed(self, _low: int, high: int) -> None:
        if self._follows:
            self._scroll.verticalScrollBar().setValue(high)

    def _on_scrolled(self, value: int) -> None:
        self._follows = value >= self._scroll.verticalScrollBar().maximum() - _NEAR_END
