"""What is read back."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.state.library import Entry
from app.state.tools import Said
from mlx_gemma4.protocol.json_values import JsonObject


@dataclass(frozen=True)
class StoredFile:
    """A file of a conversation.

    Attributes:
        path: of the kept content, or of the original where that could not be kept.
        facts: fields of an attachment, as the engine gave them.
    """

    key: int
    name: str
    path: str
    facts: JsonObject


@dataclass(frozen=True)
class StoredTurn:
    """A question and what was said about it; numbers are keys."""

    key: int
    before: int | None
    question: str
    attachments: tuple[int, ...]
    files: tuple[int, ...]
    page_ask: JsonObject | None
    version: int | None
    status: str
    error: JsonObject | None
    created: float
    events: tuple[Said, ...]
    settings: JsonObject | None = None


@dataclass(frozen=True)
class StoredVersion:
    """A version of a page."""

    key: int
    made_from: int | None
    title: str
    html: str
    status: str
    problem: str


@dataclass(frozen=True)
class StoredPage:
    """A page, its versions oldest first."""

    key: int
    screenshot: int
    current: int | None
    pictures: tuple[tuple[int, int, int, int], ...]
    versions: tuple[StoredVersion, ...]


@dataclass(frozen=True)
class StoredConversation:
    """All of one conversation; turns stand behind those that they follow."""

    entry: Entry
    shown: int | None
    files: tuple[StoredFile, ...]
    turns: tuple[StoredTurn, ...]
    pages: tuple[StoredPage, ...]
    settings: JsonObject = field(default_factory=dict)
