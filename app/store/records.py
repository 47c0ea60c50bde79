"""What is read back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from app.state.library import Entry
from app.state.tools import Said
from app.store.files import FOLDER, content_hash
from mlx_gemma4.protocol.json_values import JsonObject

_PICTURES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp"}


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

    @property
    def sha256(self) -> str:
        """Of its content, by which it is kept; empty where it is gone."""
        file = Path(self.path)
        try:
            return file.stem if file.parent.name == FOLDER else content_hash(file)
        except OSError:
            return ""

    @property
    def name_by_hash(self) -> str:
        """As its content is called in a folder of files that are kept by it; empty where it is gone."""
        digest = self.sha256
        return digest + Path(self.path).suffix.lower() if digest else ""

    @property
    def picture_kind(self) -> str:
        """What browsers call its format; empty for what they do not show as a picture."""
        return _PICTURES.get(Path(self.path).suffix.lower(), "")


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
