"""All turns in one column that follows the newest words, unless the person has scrolled away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.actions.conversation import ConversationActions
from app.state.session import Session
from app.state.turn import Turn
from app.views import theme
from app.views.conversation.answer_view import AnswerView
from app.views.conversation.question_row import QuestionRow
from app.views.conversation.turn_column import TurnColumn
from app.words import tr

_NEAR_END = 24


class ConversationView(QScrollArea):
    """The path that is shown; a new conversation starts with none. Signal `turn_shown(Turn)`: it has been made."""

    turn_shown = Signal(object)

    def __init__(self, session: Session, actions: ConversationActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self._follows = True
        self._adjusting = False
        self._anchor: tuple[Turn, int] | None = None  # the turn at the top of what is seen, and how far above that
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Conversation"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._column = TurnColumn(session.conversation.turns, self._make)
        self._column.moved.connect(self._on_moved)
        self.setWidget(self._column)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._on_moved)
        bar.valueChanged.connect(self._on_scrolled)
        session.conversation.turn_added.connect(self._on_turn_added)
        session.conversation.path_changed.connect(self._on_path_changed)
        session.conversation.cleared.connect(self._on_cleared)
        self._column.follow(0)

    def turn_page(self, pages: int) -> None:
        """Scroll by so many screens, less a line or two."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + pages * round(bar.pageStep() * 0.9))

    def show_turn(self, turn: Turn) -> None:
        """Scroll to where this turn begins, and stay there while it is made."""
        if self._session.conversation.shows(turn):
            self._follows = False
            self._anchor = (turn, -theme.GRID * 2)
            self._on_moved()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less is seen."""
        super().resizeEvent(event)
        self._look()

    def _make(self, turn: Turn, parent: QWidget) -> QWidget:
        view = TurnView(turn, self._session, self._actions, parent)
        self.turn_shown.emit(turn)
        return view

    def _look(self) -> None:
        value = self.verticalScrollBar().value()
        self._column.look(value, value + self.viewport().height())

    def _on_turn_added(self, _turn: Turn) -> None:
        self._follows = True
        self._column.follow(len(self._session.conversation.turns) - 1)
        self._on_moved()

    def _on_path_changed(self, index: int) -> None:
        """Another branch begins where the first stood; a conversation that was opened is shown from its end."""
        turns = self._session.conversation.turns
        kept = self._anchor is not None and self._anchor[0] in turns[:index]
        self._column.follow(index)
        if index == 0 and self._anchor is None:
            self._follows = True
        elif turns[index:] and not self._follows and not kept:
            self._anchor = (turns[index], -theme.GRID * 2)
        self._on_moved()

    def _on_cleared(self) -> None:
        self._anchor = None
        self._follows = True
        self._column.follow(0)

    def _on_moved(self) -> None:
        """Keep what is read where it is: the end, or the turn at the top."""
        bar = self.verticalScrollBar()
        self._adjusting = True
        if self._follows:
            bar.setValue(bar.maximum())
        elif self._anchor is not None and self._session.conversation.shows(self._anchor[0]):
            turn, offset = self._anchor
            bar.setValue(self._column.top_of(turn) + offset)
        self._adjusting = False
        self._look()

    def _on_scrolled(self, value: int) -> None:
        if not self._adjusting:
            self._follows = value >= self.verticalScrollBar().maximum() - _NEAR_END
            turn = self._column.turn_at(value)
            self._anchor = None if turn is None else (turn, value - self._column.top_of(turn))
            self._look()


class TurnView(QWidget):
    """A question and its answer."""

    def __init__(self, turn: Turn, session: Session, actions: ConversationActions, parent: QWidget) -> None:
        super().__init__(parent)
        self.turn = turn
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID * 2)
        self._session, self._actions = session, actions
        turn.completes_changed.connect(self._build)
        self._build()

    def _build(self, *_: object) -> None:
        """A text that is gone on with stands in one piece, the person's words before the model's."""
        column = self.layout()
        assert column is not None
        while (item := column.takeAt(0)) is not None:
            if (view := item.widget()) is not None:
                view.hide()
                view.deleteLater()
        if not self.turn.completes:
            column.addWidget(QuestionRow(self.turn, self._session, self._actions, self))
        column.addWidget(AnswerView(self.turn, self._session, self._actions, self))
