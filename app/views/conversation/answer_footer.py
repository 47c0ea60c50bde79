"""The quiet line under an answer: copy, ask again, its versions, go on, and how fast it was."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.actions.conversation import ConversationActions
from app.state.conversation import Conversation
from app.state.turn import Turn
from app.views import figures, theme
from app.views.conversation.version_switch import VersionSwitch
from app.views.icon_button import IconButton
from app.words import tr


class AnswerFooter(QWidget):
    """Shown when the answer is over."""

    def __init__(self, turn: Turn, conversation: Conversation, actions: ConversationActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._actions = turn, actions
        self._copy = IconButton("copy", tr("Copy answer"), self)
        self._copy.clicked.connect(self._on_copy)
        self._again = IconButton("retry", tr("Ask again"), self)
        self._again.clicked.connect(self._on_again)
        self._versions = VersionSwitch(turn, conversation, actions, self)
        self._continue = QPushButton(tr("Continue"), self)
        self._continue.setProperty("role", "link")
        self._continue.clicked.connect(self._on_continue)
        self._figures = QLabel(self)
        self._figures.setProperty("role", "quiet")
        self._figures.setAccessibleName(tr("Figures of this answer"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._copy)
        row.addWidget(self._again)
        row.addWidget(self._versions)
        row.addWidget(self._continue)
        row.addSpacing(theme.GRID // 2)
        row.addWidget(self._figures)
        row.addStretch(1)
        turn.status_changed.connect(self._follow)
        turn.usage_changed.connect(self._follow)
        conversation.count_changed.connect(self._follow)
        conversation.running_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        turn = self._turn
        self.setVisible(turn.status.is_final and bool(turn.text or turn.error is None))
        self._copy.setEnabled(bool(turn.text))
        self._again.setEnabled(self._actions.can_retry(turn))
        self._continue.setVisible(self._actions.can_continue(turn))
        usage = turn.usage
        if usage is None:
            self._figures.setText("")
            return
        self._figures.setText(figures.joined(figures.speed(usage), figures.first_word(usage)))
        told = figures.in_full(usage)
        self._figures.setToolTip(told)
        self._figures.setAccessibleDescription(told)

    def _on_copy(self) -> None:
        self._actions.copy_turn(self._turn)

    def _on_continue(self) -> None:
        self._actions.continue_turn(self._turn)

    def _on_again(self) -> None:
        self._actions.retry_turn(self._turn)
