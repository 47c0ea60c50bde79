"""A kept answer as others read it: thoughts, words and tool calls in their order, and the boxes on each picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.state.tools import ToolAnswered
from app.store.records import StoredFile, StoredTurn
from mlx_gemma4.protocol.events import Box, BoxFound, TextDelta, ThoughtDelta, ToolCallRequested
from mlx_gemma4.protocol.json_values import Json, JsonObject

Files: TypeAlias = Mapping[int, StoredFile]
"""Of a conversation, by their keys."""


@dataclass(frozen=True)
class Thought:
    """What the model thought."""

    text: str


@dataclass(frozen=True)
class Words:
    """What it said."""

    text: str


@dataclass(frozen=True)
class Call:
    """What it wanted done, and what came of it: `status` is empty for a call that nobody answered."""

    name: str
    arguments: JsonObject
    status: str
    response: Json
    files: tuple[StoredFile, ...]

    @property
    def text(self) -> str:
        """The call as code."""
        inside = ", ".join(f"{name}={written(value)}" for name, value in self.arguments.items())
        return f"{self.name}({inside})"

    @property
    def outcome(self) -> str:
        """How it ended."""
        return {"done": "done", "failed": "failed", "refused": "not allowed"}.get(self.status, "not run")


Piece: TypeAlias = Thought | Words | Call


@dataclass(frozen=True)
class Boxed:
    """A picture with what was found on it; `file` is None where it is not known any more."""

    file: StoredFile | None
    boxes: tuple[tuple[str, Box], ...]


def pieces(turn: StoredTurn, files: Files) -> Iterator[Piece]:
    """Everything that was said in an answer; what is empty is left out."""
    answers = {event.call: event for event in turn.events if isinstance(event, ToolAnswered)}
    number = 0
    for event in turn.events:
        if isinstance(event, ThoughtDelta) and event.text.strip():
            yield Thought(event.text.strip())
        elif isinstance(event, TextDelta) and event.text.strip():
            yield Words(event.text.strip())
        elif isinstance(event, ToolCallRequested):
            answer = answers.get(number)
            brought = tuple(files[key] for key in answer.files if key in files) if answer else ()
            status, response = (answer.status, answer.response) if answer else ("", None)
            yield Call(event.name, event.arguments, status, response, brought)
            number += 1


def boxed(turn: StoredTurn, files: Files) -> list[Boxed]:
    """The pictures that boxes were found on, in the order of the question's files."""
    seen = [files[key] for key in turn.files if key in files and files[key].facts.get("kind") != "sound"]
    found: dict[int, list[tuple[str, Box]]] = {}
    for event in turn.events:
        if isinstance(event, BoxFound):
            found.setdefault(event.media_index, []).append((event.label, event.box))
    return [Boxed(seen[index] if index < len(seen) else None, tuple(boxes)) for index, boxes in sorted(found.items())]


def written(value: Json) -> str:
    """A value as JSON, readable."""
    return json.dumps(value, ensure_ascii=False)
