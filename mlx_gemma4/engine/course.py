"""One request on its way: whether it shall end, what it has taken, and room between its steps for what is urgent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from mlx_gemma4.engine.answer_clock import AnswerClock


@dataclass(frozen=True)
class Course:
    """What a request is asked and told between two steps: chunks of its prompt, tokens of its answer.

    Attributes:
        stop: set from any thread, to end it.
        between: called between two steps; it may answer another request meanwhile, which leaves this one as it was.
        meter: does not count the time that `between` takes.
    """

    stop: threading.Event
    between: Callable[[], None]
    meter: AnswerClock

    def pause(self) -> None:
        """Let what is urgent go first."""
        with self.meter.paused():
            self.between()

    def is_over(self) -> bool:
        """After a step: let what is urgent go first, and say whether this request shall end."""
        self.pause()
        return self.stop.is_set()
