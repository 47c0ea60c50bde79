"""What a conversation is made of: messages, and the parts in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.json_values import Json, JsonObject

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words. Markers typed in them stay text."""

    text: str


@dataclass(frozen=True)
class ImagePart:
    """A picture file; `max_soft_tokens` None takes the request's or the checkpoint's budget."""

    path: str
    max_soft_tokens: int | None = None


@dataclass(frozen=True)
class AudioPart:
    """A sound file, or a clip for its sound: all of it, or from `start` to `end` in seconds; None is its end."""

    path: str
    start: float = 0.0
    end: float | None = None

    def __post_init__(self) -> None:
        """Refuse a stretch that is none."""
        if not 0 <= self.start < (math.inf if self.end is None else self.end):
            raise PromptError(f"There is no stretch of sound from {self.start} to {self.end} seconds.")


@dataclass(frozen=True)
class VideoPart:
    """A clip file, or an animated picture.

    Attributes:
        sound: let a model that hears hear the clip's sound, too.
        max_soft_tokens: budget of one frame; None takes the checkpoint's, which is 70 unless it says otherwise.
    """

    path: str
    sound: bool = True
    max_soft_tokens: int | None = None


@dataclass(frozen=True)
class DocumentPart:
    """A PDF file: each of its pages is shown as a picture.

    Attributes:
        pages: the first and the last page to show, counted from 1; None shows all.
        max_soft_tokens: budget of one page; None takes the request's or the checkpoint's picture budget.
    """

    path: str
    pages: tuple[int, int] | None = None
    max_soft_tokens: int | None = None

    def __post_init__(self) -> None:
        """Refuse a range of pages that has no meaning."""
        if self.pages is not None and not 1 <= self.pages[0] <= self.pages[1]:
            raise PromptError(f"There are no pages {self.pages[0]} to {self.pages[1]}.", "Count them from 1.")


@dataclass(frozen=True)
class ThoughtPart:
    """What the model thought; rendered only inside a running tool loop."""

    text: str


@dataclass(frozen=True)
class ToolCallPart:
    """A call that the model made."""

    name: str
    arguments: JsonObject


@dataclass(frozen=True)
class ToolResponsePart:
    """What a tool answered: an object is written field by field, anything else as one value."""

    name: str
    response: Json


MediaPart: TypeAlias = ImagePart | AudioPart | VideoPart | DocumentPart
Part: TypeAlias = TextPart | MediaPart | ThoughtPart | ToolCallPart | ToolResponsePart


@dataclass(frozen=True, slots=True)
class Message:
    """One turn, or one piece of a turn, of a conversation."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Tool:
    """A function that the model may call; `parameters` is a JSON Schema object, None for no parameters."""

    name: str
    description: str = ""
    parameters: JsonObject | None = None
