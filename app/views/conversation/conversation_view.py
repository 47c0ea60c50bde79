"""All turns in one column that follows the newest words, unless the person has scrolled away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.actions.conversation import ConversationActions
from app.state.session import Session
from app.state.turn import Turn
from app.views import theme
from app.views.conversation.answer_view import AnswerView
from app.views.conversation.question_bubble import QuestionBubble

_MARGIN = theme.GRID * 3
_NEAR_END = 24


class ConversationView(QScrollArea):
    """One widget a turn; a new conversation starts with none."""

    def __init__(self, session: Session, actions: ConversationActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self._views: list[TurnView] = []
        self._follows = True
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Conversation")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        centred = QHBoxLayout(inside)
        centred.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column = QWidget(inside)
        column.setMaximumWidth(theme.READING_WIDTH)
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.GRID * 4)
        self._column.addStretch(1)
        centred.addStretch(1)
        centred.addWidget(column, 1000)
        centred.addStretch(1)
        self.setWidget(inside)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range_changed)
        bar.valueChanged.connect(self._on_scrolled)
        session.conversation.turn_added.connect(self._on_turn_added)
        session.conversation.cleared.connect(self._on_cleared)
        for turn in session.conversation.turns:
            self._on_turn_added(turn)

    def turn_page(self, pages: int) -> None:
        """Scroll by so many screens, less a line or two."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + pages * round(bar.pageStep() * 0.9))

    def _on_turn_added(self, turn: Turn) -> None:
        view = TurnView(turn, self._session, self._actions, self)
        self._views.append(view)
        self._column.insertWidget(self._column.count() - 1, view)
        self._follows = True
        self._on_range_changed(0, self.verticalScrollBar().maximum())

    def _on_cleared(self) -> None:
        for view in self._views:
            self._column.removeWidget(view)
            view.hide()
            view.deleteLater()
        self._views.clear()

    def _on_range_changed(self, _low: int, high: int) -> None:
        if self._follows:
            self.verticalScrollBar().setValue(high)

    def _on_scrolled(self, value: int) -> None:
        self._follows = value >= self.verticalScrollBar().maximum() - _NEAR_END


class TurnView(QWidget):
    """A question and its answer."""

    def __init__(self, turn: Turn, session: Session, actions: ConversationActions, parent: QWidget) -> None:
        super().__init__(parent)
        right = QHBoxLayout()
        right.addStretch(1)
        right.addWidget(QuestionBubble(turn, session.stage, self))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID * 2)
        column.addLayout(right)
        column.addWidget(AnswerView(turn, session, actions, self))
