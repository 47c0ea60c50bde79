"""Which channel each token belongs to: text, thought or tool call, decided on ids so that no marker can leak.

A marker typed by the model letter by letter is text like any other; only the token itself switches.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

STRING_MARK = "\ud800"
"""Stands for the string marker: half a surrogate pair, which decoded text never holds."""

_THOUGHT_NAME = "thought\n"


def spelled(text: str) -> str:
    """The text with string markers as they are spelled in prompts."""
    return text.replace(STRING_MARK, '<|"|>')


class Channel(enum.Enum):
    """Where the model's words are going."""

    TEXT = enum.auto()
    THOUGHT = enum.auto()
    TOOL_CALL = enum.auto()


@dataclass(frozen=True)
class ChannelIds:
    """Ids of the markers that switch channels; None where a checkpoint has no such marker.

    Attributes:
        string: stands around strings inside a tool call; in thoughts it is dropped.
        hidden: every special token; none of them is ever shown.
    """

    channel_open: int | None
    channel_close: int | None
    tool_call_open: int | None
    tool_call_close: int | None
    string: int | None
    hidden: frozenset[int]


class TextDecoder(Protocol):
    """Ids to text, one at a time."""

    def feed(self, token: int) -> str:
        """The text that this id completes."""
        ...

    def flush(self) -> str:
        """What was still held back."""
        ...


@dataclass(frozen=True)
class Piece:
    """Some text of one channel, string markers as `STRING_MARK`; `closed` says that its block ends after it."""

    channel: Channel
    text: str
    closed: bool = False


class ChannelRouter:
    """The state machine from ids to pieces of text, each in its channel."""

    def __init__(self, ids: ChannelIds, decoder: TextDecoder, *, in_thought: bool = False) -> None:
        """Start in text, or in a thought that the prompt itself has opened."""
        self._ids = ids
        self._decoder = decoder
        self._channel = Channel.THOUGHT if in_thought else Channel.TEXT
        self._name: str | None = None  # what has come of a thought's first line, while it is being read

    def feed(self, token: int) -> list[Piece]:
        """The pieces that this token completes."""
        ids = self._ids
        if token not in ids.hidden:
            return self._take(self._decoder.feed(token))
        if token == ids.channel_open:
            return self._switch(Channel.THOUGHT)
        if token == ids.tool_call_open:
            return self._switch(Channel.TOOL_CALL)
        if token == ids.channel_close and self._channel is Channel.THOUGHT:
            return self._switch(Channel.TEXT)
        if token == ids.tool_call_close and self._channel is Channel.TOOL_CALL:
            return self._switch(Channel.TEXT)
        if token == ids.string and self._channel is not Channel.THOUGHT:
            return self._take(self._decoder.flush() + STRING_MARK)
        return []

    def finish(self) -> list[Piece]:
        """What was still held back, at the end of the turn."""
        return self._switch(Channel.TEXT)

    def _switch(self, channel: Channel) -> list[Piece]:
        pieces = self._take(self._decoder.flush())
        if self._name and self._name != _THOUGHT_NAME.rstrip():
            pieces.append(Piece(Channel.THOUGHT, self._name))
        pieces.append(Piece(self._channel, "", closed=True))
        self._channel = channel
        self._name = "" if channel is Channel.THOUGHT else None
        return pieces

    def _take(self, text: str) -> list[Piece]:
        """The text in its channel, without the line that only names a thought."""
        if self._name is not None:
            text, self._name = self._name + text, None
            if len(text) < len(_THOUGHT_NAME) and _THOUGHT_NAME.startswith(text):
                self._name, text = text, ""
            text = text.removeprefix(_THOUGHT_NAME)
        return [Piece(self._channel, text)] if text else []
