"""Conversations as files for other programs: JSON with everything, Markdown and HTML of what is on the screen."""

from __future__ import annotations

import base64
import html
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from app.store.reading import read_conversation, read_entries
from app.store.records import StoredConversation, StoredFile, StoredTurn
from app.store.stored_events import event_values, text_of
from mlx_gemma4.protocol.events import ThoughtDelta

FORMAT, VERSION = "prism-conversations", 1
_PICTURES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp"}
_LARGEST_PICTURE = 4_000_000
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:720px;margin:40px auto;padding:0 24px;color:#1d1d1f;"
    "background:#fff}h1{font-size:22px}.q{background:#ececf8;border-radius:10px;padding:10px 12px;margin:32px 0 16px "
    "20%;width:fit-content;max-width:80%;margin-left:auto}.q,.a{white-space:pre-wrap;overflow-wrap:anywhere}"
    "img{display:block;max-width:100%;max-height:240px;border-radius:6px;margin-bottom:8px}.n,summary{color:#6e6e73}"
    "@media(prefers-color-scheme:dark){body{background:#1e1e20;color:#f5f5f7}.q{background:#2f2f3e}"
    ".n,summary{color:#98989d}}"
)


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
        "files": [{"id": file.key, "name": file.name, "path": file.path, **file.facts} for file in conversation.files],
        "turns": turns,
        "pages": [asdict(page) for page in conversation.pages],
    }


def as_json(conversation: StoredConversation) -> str:
    """One conversation in the form of `all_as_json`."""
    values = {"format": FORMAT, "version": VERSION, "conversations": [as_values(conversation)]}
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def as_markdown(conversation: StoredConversation) -> str:
    """The branch that was on the screen."""
    files = {file.key: file for file in conversation.files}
    parts = [f"# {conversation.entry.title}"]
    for turn in shown_turns(conversation):
        names = [f"*{files[key].name}*" for key in turn.attachments if key in files]
        quoted = "\n".join(f"> {line}".rstrip() for line in [*names, *turn.question.splitlines()])
        parts += [quoted, text_of(turn.events).strip() or _why_nothing(turn)]
    return "\n\n".join(parts) + "\n"


def as_html(conversation: StoredConversation) -> str:
    """The branch that was on the screen, with its pictures, in one file without scripts."""
    files = {file.key: file for file in conversation.files}
    title = html.escape(conversation.entry.title)
    parts = [
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n<style>{_STYLE}</style>',
        f"<h1>{title}</h1>",
    ]
    for turn in shown_turns(conversation):
        shown = "".join(_file_as_html(files[key]) for key in turn.attachments if key in files)
        parts.append(f'<div class="q">{shown}{html.escape(turn.question)}</div>')
        thought = "".join(event.text for event in turn.events if isinstance(event, ThoughtDelta)).strip()
        if thought:
            inside = f'<div class="a n">{html.escape(thought)}</div>'
            parts.append(f"<details><summary>Thoughts</summary>{inside}</details>")
        answer = text_of(turn.events).strip()
        kind = "a" if answer else "a n"
        parts.append(f'<div class="{kind}">{html.escape(answer or _why_nothing(turn))}</div>')
    return "\n".join(parts) + "\n</html>\n"


FORMATS: dict[str, Callable[[StoredConversation], str]] = {".md": as_markdown, ".json": as_json, ".html": as_html}
"""By the ending of the file's name."""


def shown_turns(conversation: StoredConversation) -> list[StoredTurn]:
    """From the first question to the last of the branch on the screen."""
    turns = {turn.key: turn for turn in conversation.turns}
    last = conversation.shown if conversation.shown in turns else max(turns, default=None)
    path: list[StoredTurn] = []
    while last is not None and last in turns:
        path.append(turns[last])
        last = turns[last].before
    return path[::-1]


def _file_as_html(file: StoredFile) -> str:
    kind, name = _PICTURES.get(Path(file.path).suffix.lower()), html.escape(file.name)
    try:
        content = Path(file.path).read_bytes() if kind and Path(file.path).stat().st_size <= _LARGEST_PICTURE else b""
    except OSError:
        content = b""
    if not content:
        return f'<div class="n">{name}</div>'
    return f'<img alt="{name}" src="data:image/{kind};base64,{base64.b64encode(content).decode()}">'


def _why_nothing(turn: StoredTurn) -> str:
    return str(turn.error["message"]) if turn.error and "message" in turn.error else "(no answer)"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
