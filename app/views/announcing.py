"""Says aloud, to those who have the screen read, what begins and ends: never each word of an answer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from app.state.notices import Notice
from app.state.session import Session
from app.state.turn import Turn, TurnStatus
from app.words import tr, trn


class Announcer(QObject):
    """Follows the conversation and its notices."""

    def __init__(self, session: Session, window: QWidget, say: Callable[[str], None] | None = None) -> None:
        """`say` is for tests; otherwise the system's screen reader is told, politely: when it has finished speaking."""
        super().__init__(window)
        self._window = window
        self._say = say or self._announce
        self._turn: Turn | None = None
        self._told: tuple[Notice, ...] = ()
        self._session = session
        session.conversation.running_changed.connect(self._on_running_changed)
        session.notices.items_changed.connect(self._on_notices_changed)

    def _announce(self, text: str) -> None:
        event = QAccessibleAnnouncementEvent(self._window, text)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
        QAccessible.updateAccessibility(event)

    def _on_running_changed(self, turn: Turn | None) -> None:
        before, self._turn = self._turn, turn
        if before is not None and before is not turn:
            self._say(_ending(before))
        if turn is not None and turn is not before:
            self._say(tr("Answering…"))

    def _on_notices_changed(self, *_: object) -> None:
        items = tuple(self._session.notices.items)
        for notice in items:
            if notice not in self._told:
                self._say(notice.text)
        self._told = items


def _ending(turn: Turn) -> str:
    if turn.status is TurnStatus.FAILED and turn.error is not None:
        return " ".join(part for part in (turn.error.message, turn.error.hint) if part)
    if turn.status is TurnStatus.STOPPED:
        return tr("Stopped.")
    if turn.boxes:
        return trn("The answer is complete: {n} box.", "The answer is complete: {n} boxes.", len(turn.boxes))
    return tr("The answer is complete.")
