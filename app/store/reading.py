"""Reading back what was written; these run on the reader's thread."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

from app.state.library import Entry, Hit
from app.store.files import FOLDER
from app.store.records import StoredConversation, StoredFile, StoredPage, StoredTurn, StoredVersion
from app.store.stored_events import read_events

MOST_HITS = 60
MOST_HITS_OF_ONE = 3
OPEN_MARK, CLOSE_MARK = "\x02", "\x03"
"""Around what was found in a snippet."""
_ENTRY = "conversations.id, conversations.title, kind, conversations.created, changed, pinned"
_WORD = re.compile(r"\w+")


def read_entries(connection: sqlite3.Connection) -> tuple[Entry, ...]:
    """All conversations, those changed last first."""
    rows = connection.execute(f"SELECT {_ENTRY} FROM conversations WHERE deleted IS NULL ORDER BY changed DESC")
    return tuple(_entry(row) for row in rows)


def read_mark(connection: sqlite3.Connection, name: str) -> int | None:
    """The number remembered under this name."""
    row = connection.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
    return None if row is None else row[0]


def read_conversation(connection: sqlite3.Connection, folder: Path, key: int) -> StoredConversation | None:
    """One conversation with all its branches; None if it is not there."""
    row = connection.execute(
        f"SELECT {_ENTRY}, shown, settings FROM conversations WHERE id = ? AND deleted IS NULL", (key,)
    ).fetchone()
    if row is None:
        return None
    return StoredConversation(
        _entry(row[:6]),
        row[6],
        _files(connection, folder, key),
        _turns(connection, key),
        _pages(connection, key),
        _object(row[7]) or {},
    )


def search(connection: sqlite3.Connection, words: str) -> tuple[Hit, ...]:
    """Conversations whose title has all of these words, then turns that do; the last word may be unfinished."""
    query = _query(words)
    if not query:
        return ()
    titles = connection.execute(
        f"SELECT {_ENTRY}, highlight(titles, 0, '{OPEN_MARK}', '{CLOSE_MARK}') FROM titles "
        "JOIN conversations ON conversations.id = titles.rowid "
        "WHERE titles MATCH ? AND deleted IS NULL ORDER BY changed DESC LIMIT ?",
        (query, MOST_HITS),
    ).fetchall()
    hits = [Hit(_entry(row[:6]), None, row[6]) for row in titles]
    found = connection.execute(
        f"SELECT bodies.rowid, {_ENTRY} FROM bodies JOIN turns ON turns.id = bodies.rowid "
        "JOIN conversations ON conversations.id = turns.conversation "
        "WHERE bodies MATCH ? AND deleted IS NULL ORDER BY bodies.rowid DESC LIMIT ?",
        (query, MOST_HITS * 10),
    )
    chosen: dict[int, Entry] = {}
    counts: dict[int, int] = {}
    for turn, *row in found:
        counts[row[0]] = counts.get(row[0], 0) + 1
        if counts[row[0]] <= MOST_HITS_OF_ONE:
            chosen[turn] = _entry(tuple(row))
        if len(hits) + len(chosen) >= MOST_HITS:
            break
    snippets = _snippets(connection, query, list(chosen))
    hits += [Hit(entry, turn, snippets.get(turn, "")) for turn, entry in chosen.items()]
    return tuple(hits)


def _snippets(connection: sqlite3.Connection, query: str, turns: list[int]) -> dict[int, str]:
    """What stands around the words in these turns; in one pass, as finding a row again costs as much as finding all."""
    if not turns:
        return {}
    wanted = ", ".join(map(str, turns))
    rows = connection.execute(
        f"SELECT rowid, CASE WHEN rowid IN ({wanted}) THEN "
        f"snippet(bodies, 0, '{OPEN_MARK}', '{CLOSE_MARK}', '…', 16) END FROM bodies "
        "WHERE bodies MATCH ? AND rowid BETWEEN ? AND ?",
        (query, min(turns), max(turns)),
    )
    return {turn: " ".join(snippet.split()) for turn, snippet in rows if snippet is not None}


def _query(words: str) -> str:
    """In FTS5's language: every word as it is typed, none of it an operator."""
    parts = [f'"{word}"' for word in _WORD.findall(words.replace("_", " "))]
    if not parts:
        return ""
    ended = words[-1].isspace()
    return " ".join(parts) if ended else " ".join([*parts[:-1], parts[-1] + "*"])


def _entry(row: tuple) -> Entry:
    key, title, kind, created, changed, pinned = row
    return Entry(key, title, kind, created, changed, bool(pinned))


def _files(connection: sqlite3.Connection, folder: Path, key: int) -> tuple[StoredFile, ...]:
    rows = connection.execute(
        "SELECT id, name, path, kept, facts FROM attachments WHERE conversation = ? ORDER BY id", (key,)
    )
    return tuple(
        StoredFile(number, name, str(folder / FOLDER / kept) if kept else path, json.loads(facts))
        for number, name, path, kept, facts in rows
    )


def _turns(connection: sqlite3.Connection, key: int) -> tuple[StoredTurn, ...]:
    pieces: dict[int, list[str]] = {}
    for turn, events in connection.execute(
        "SELECT turn, events FROM pieces JOIN turns ON turns.id = turn WHERE conversation = ? ORDER BY turn, number",
        (key,),
    ):
        pieces.setdefault(turn, []).append(events)
    rows = connection.execute(
        "SELECT id, before, question, attachments, files, page_ask, version, status, error, created, settings "
        "FROM turns "
        "WHERE conversation = ? ORDER BY id",
        (key,),
    )
    return tuple(
        StoredTurn(
            number, before, question, tuple(json.loads(attachments)), tuple(json.loads(files)),
            _object(ask), version, status, _object(error), created, tuple(read_events(pieces.get(number, ()))),
            _object(settings),
        )
        for number, before, question, attachments, files, ask, version, status, error, created, settings in rows
    )  # fmt: skip


def _object(text: str | None) -> dict | None:
    return None if text is None else json.loads(text)


def _pages(connection: sqlite3.Connection, key: int) -> tuple[StoredPage, ...]:
    rows = connection.execute(
        "SELECT id, screenshot, current, pictures FROM pages WHERE conversation = ? ORDER BY id", (key,)
    ).fetchall()
    return tuple(
        StoredPage(
            page, screenshot, current, tuple(tuple(box) for box in json.loads(pictures)), _versions(connection, page)
        )
        for page, screenshot, current, pictures in rows
    )


def _versions(connection: sqlite3.Connection, page: int) -> tuple[StoredVersion, ...]:
    rows = connection.execute(
        "SELECT id, made_from, title, html, status, problem FROM versions WHERE page = ? ORDER BY id", (page,)
    )
    return tuple(StoredVersion(*row) for row in rows)
