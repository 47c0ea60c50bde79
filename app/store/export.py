"""Conversations as files for other programs: JSON with everything, Markdown and HTML of what is on the screen."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from app.store.as_html import as_html
from app.store.as_markdown import as_markdown, pictures_of
from app.store.reading import read_conversation, read_entries
from app.store.records import StoredConversation
from app.store.stored_events import event_values, text_of

FORMAT, VERSION = "prism-conversations", 1
FORMATS = (".md", ".json", ".html")
"""Endings of the files that a conversation can be exported to."""


def all_as_json(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """Every conversation with its events, piece by piece: together they are one JSON object."""
    yield json.dumps({"format": FORMAT, "version": VERSION})[:-1] + ', "conversations": ['
    for number, entry in enumerate(read_entries(connection)):
        conversation = read_conversation(connection, folder, entry.key)
        if conversation is not None:
            yield (",\n" if number else "\n") + json.dumps(as_values(conversation), ensure_ascii=False)
    yield "\n]}\n"


def as_values(conversation: StoredConversation) -> dict:
    """All of a conversation, its branches included, as JSON values."""
    entry = conversation.entry
    turns = [
        {
            "id": turn.key,
            "after": turn.before,
            "asked": _moment(turn.created),
            "question": turn.question,
            "files": list(turn.attachments),
            "page_request": turn.page_ask,
            "page_version": turn.version,
            "status": turn.status,
            "error": turn.error,
            "answer": text_of(turn.events),
            "events": [event_values(event) for event in turn.events],
        }
        for turn in conversation.turns
    ]
    return {
        "id": entry.key,
        "title": entry.title,
        "about": entry.kind,
        "begun": _moment(entry.created),
        "changed": _moment(entry.changed),
        "pinned": entry.pinned,
        "shown": conversation.shown,
        "settings": conversation.settings,
        "files": [
            {"id": file.key, "name": file.name, "path": file.path, "sha256": file.sha256 or None, **file.facts}
            for file in conversation.files
        ],
        "turns": turns,
        "pages": [asdict(page) for page in conversation.pages],
    }


def as_json(conversation: StoredConversation) -> str:
    """One conversation in the form of `all_as_json`."""
    values = {"format": FORMAT, "version": VERSION, "conversations": [as_values(conversation)]}
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def write_file(conversation: StoredConversation, target: Path) -> None:
    """Write a conversation in the format that the file's ending names, one of `FORMATS`.

    Raises:
        OSError: it cannot be written.
    """
    match target.suffix.lower():
        case ".json":
            text = as_json(conversation)
        case ".html":
            text = as_html(conversation)
        case _:
            text = as_markdown(conversation, f"{target.stem} files")
            _put_pictures(conversation, target.with_name(f"{target.stem} files"))
    target.write_text(text, encoding="utf-8")


def _put_pictures(conversation: StoredConversation, folder: Path) -> None:
    """Copies of the pictures that a Markdown file refers to."""
    for file in pictures_of(conversation):
        folder.mkdir(exist_ok=True)
        shutil.copyfile(file.path, folder / file.name_by_hash)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
