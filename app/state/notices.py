"""Sentences for the person, each with at most one thing to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.state.observable import Observable, Property

Level: TypeAlias = Literal["info", "problem"]


@dataclass(frozen=True)
class Notice:
    """One sentence, and the action that its button runs.

    Attributes:
        subject: a new notice takes the place of an older one about the same subject.
        action_id: the `id` of an action; empty for no button.
    """

    level: Level
    text: str
    subject: str
    action_label: str = ""
    action_id: str = ""


class Notices(Observable):
    """What is being said now, oldest first."""

    items = Property[tuple[Notice, ...]](())

    def show(self, notice: Notice) -> None:
        """Say this, instead of what was said about the same subject."""
        self.items = (*(item for item in self.items if item.subject != notice.subject), notice)

    def dismiss(self, subject: str) -> None:
        """Stop talking about this."""
        self.items = tuple(item for item in self.items if item.subject != subject)
