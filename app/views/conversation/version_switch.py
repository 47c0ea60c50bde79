"""‹2/3›: which version of a question and its answer is shown, and the way to the others."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.actions.conversation import ConversationActions
from app.state.conversation import Conversation
from app.state.turn import Turn
from app.views.icon_button import IconButton
from app.words import tr


class VersionSwitch(QWidget):
    """Takes no room while there is only one."""

    def __init__(self, turn: Turn, conversation: Conversation, actions: ConversationActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn, self._conversation, self._actions = turn, conversation, actions
        self._back = IconButton("chevron-left", tr("Previous version"), self)
        self._on = IconButton("chevron-right", tr("Next version"), self)
        self._place = QLabel(self)
        self._place.setProperty("role", "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part in (self._back, self._place, self._on):
            row.addWidget(part)
        self._back.clicked.connect(self._on_back)
        self._on.clicked.connect(self._on_on)
        conversation.running_changed.connect(self._follow)
        conversation.goes_on_changed.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        versions = self._conversation.versions(self._turn)
        number = versions.index(self._turn) + 1 if self._turn in versions else 1
        self.setVisible(len(versions) > 1)
        self._place.setText(f"{number}/{len(versions)}")
        self._place.setAccessibleName(tr("Version {number} of {versions}", number=number, versions=len(versions)))
        self._back.setEnabled(self._conversation.idle and number > 1)
        self._on.setEnabled(self._conversation.idle and number < len(versions))

    def _step(self, by: int) -> None:
        versions = self._conversation.versions(self._turn)
        index = versions.index(self._turn) + by
        if 0 <= index < len(versions):
            self._actions.choose(versions[index])

    def _on_back(self) -> None:
        self._step(-1)

    def _on_on(self) -> None:
        self._step(1)
