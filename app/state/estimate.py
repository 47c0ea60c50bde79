"""What the question that is being written would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.state.observable import Observable, Property

Obstacle: TypeAlias = Literal["", "too long", "no room"]


@dataclass(frozen=True)
class Cost:
    """Of one question with all that came before it.

    Attributes:
        tokens: of the whole prompt.
        files: of them, those of the files that come with this question.
        read: of them, those that the model has read already.
        most: that the model can read; 0 until it has said so.
        seconds: until the first word, about; None where nothing has been measured.
        need_bytes: memory, beside what is in use now.
        free_bytes: memory.
        total_bytes: memory of this machine.
        obstacle: why it cannot be asked as it is.
    """

    tokens: int
    files: int = 0
    read: int = 0
    most: int = 0
    seconds: float | None = None
    need_bytes: int = 0
    free_bytes: int = 0
    total_bytes: int = 0
    obstacle: Obstacle = ""


class Estimate(Observable):
    """Follows the question; None while there is none."""

    cost = Property[Cost | None](None)
