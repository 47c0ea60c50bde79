"""Ends a thought that has used up its tokens, by saying which token must come next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ThoughtIds:
    """The ids that thoughts are written with.

    Attributes:
        opener: opens a thought.
        name: the line after it, which names the channel.
        closer: closes it.
        tool_call: opens a tool call, which ends an open thought, too.
    """

    opener: int
    name: Sequence[int]
    closer: int
    tool_call: int | None


class ThinkingBudget:
    """A guide for `Session.decode`: all thoughts of one answer together get so many tokens and not one more.

    The line that names a thought is format, as the markers are: it does not count, and is written for the model. A
    thought that is opened when nothing is left is closed right after that line: the empty thought of the chat format.
    """

    def __init__(self, tokens: int, ids: ThoughtIds, *, in_thought: bool) -> None:
        """Count from the first token; `in_thought` says that the prompt has opened a thought and named it."""
        self._left = tokens
        self._ids = ids
        self._open = in_thought
        self._unnamed = 0  # tokens of the open thought's name that are still to come

    def __call__(self, last: int | None) -> int | None:
        """The id that must follow `last` (None: the prompt); None leaves the choice to the model."""
        if last is not None:
            self._count(last)
        if not self._open:
            return None
        if self._unnamed:
            return self._ids.name[len(self._ids.name) - self._unnamed]
        return self._ids.closer if self._left <= 0 else None

    def _count(self, token_id: int) -> None:
        if token_id == self._ids.opener:
            self._open, self._unnamed = True, len(self._ids.name)
        elif token_id in (self._ids.closer, self._ids.tool_call):
            self._open = False
        elif self._open and self._unnamed:
            self._unnamed -= 1
        elif self._open:
            self._left -= 1
