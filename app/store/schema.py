"""The database: its tables, how older ones become today's, and what happens to one that cannot be used."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from app.words import tr

NAME = "conversations.sqlite"
MIGRATIONS = (
    """
    CREATE TABLE conversations(
        id INTEGER PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL, created REAL NOT NULL, changed REAL NOT NULL,
        pinned INTEGER NOT NULL DEFAULT 0, deleted REAL, shown INTEGER);
    CREATE TABLE turns(
        id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
        before INTEGER, question TEXT NOT NULL, attachments TEXT NOT NULL, files TEXT NOT NULL, page_ask TEXT,
        version INTEGER, status TEXT NOT NULL, error TEXT, created REAL NOT NULL);
    CREATE INDEX turns_of ON turns(conversation);
    CREATE INDEX unfinished ON turns(id) WHERE status NOT IN ('done', 'stopped', 'failed');
    CREATE TABLE pieces(
        turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE, number INTEGER NOT NULL, events TEXT NOT NULL,
        PRIMARY KEY(turn, number)) WITHOUT ROWID;
    CREATE TABLE attachments(
        id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
        name TEXT NOT NULL, path TEXT NOT NULL, kept TEXT, facts TEXT NOT NULL);
    CREATE INDEX attachments_of ON attachments(conversation);
    CREATE TABLE pages(
        id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
        screenshot INTEGER NOT NULL, current INTEGER, pictures TEXT NOT NULL);
    CREATE INDEX pages_of ON pages(conversation);
    CREATE TABLE versions(
        id INTEGER PRIMARY KEY, page INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE, made_from INTEGER,
        title TEXT NOT NULL, html TEXT NOT NULL, status TEXT NOT NULL, problem TEXT NOT NULL);
    CREATE INDEX versions_of ON versions(page);
    CREATE TABLE marks(name TEXT PRIMARY KEY, value INTEGER);
    CREATE VIRTUAL TABLE titles USING fts5(title, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
    CREATE VIRTUAL TABLE bodies USING fts5(body, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
    """,
    "ALTER TABLE conversations ADD settings TEXT; ALTER TABLE turns ADD settings TEXT;",
)
"""`user_version` of a database counts those that it has been through."""

DAMAGED = tr(
    "Your conversations could not be read: their file is damaged. It was kept as “{name}”, and Prism begins a new one."
)
NEWER = tr(
    "Your conversations were written by a newer Prism. They were kept as “{name}”; this Prism begins a new file until "
    "you update it."
)


@dataclass(frozen=True)
class Opened:
    """A connection, and a sentence if the database that was there could not be used."""

    connection: sqlite3.Connection
    notice: str = ""


def open_database(folder: Path) -> Opened:
    """Open the database of this folder for writing; one that is damaged or newer is moved aside, never changed.

    Raises:
        OSError: the folder cannot be made or written to.
        sqlite3.Error: nor can a fresh database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / NAME
    sentence = _fault(file)
    notice = sentence.format(name=_move_aside(file).name) if sentence else ""
    connection = connect(file)
    try:
        _migrate(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        if not is_damage(error):
            raise
        notice = DAMAGED.format(name=_move_aside(file).name)
        connection = connect(file)
        _migrate(connection)
    return Opened(connection, notice)


def connect(file: Path) -> sqlite3.Connection:
    """A connection that any one thread at a time may use; transactions are begun and ended by hand."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=5)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def is_damage(error: sqlite3.Error) -> bool:
    """Whether this error says that the file is no database, or no whole one."""
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) if _coded(error) else False


def is_full(error: sqlite3.Error) -> bool:
    """Whether this error says that there is no room."""
    return _coded(error) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL


def _coded(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) is not None


def _fault(file: Path) -> str:
    """Why this database cannot be used, as a sentence with a gap for its new name; empty if it can."""
    if not file.exists():
        return ""
    try:
        with contextlib.closing(connect(file)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                return NEWER
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                return DAMAGED
            tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if version and not tables:
                return DAMAGED
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return DAMAGED
        raise
    return ""


def _move_aside(file: Path) -> Path:
    """Rename the database with its journal; returns the new name."""
    moment = time.strftime("%Y-%m-%d %H-%M-%S")
    aside, number = file.with_name(f"{file.stem} {moment}{file.suffix}"), 2
    while aside.exists():
        aside, number = file.with_name(f"{file.stem} {moment} ({number}){file.suffix}"), number + 1
    file.rename(aside)
    for ending in ("-wal", "-shm"):
        journal = file.with_name(file.name + ending)
        if journal.exists():
            journal.rename(aside.with_name(aside.name + ending))
    return aside


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    done = connection.execute("PRAGMA user_version").fetchone()[0]
    for number in range(done, len(MIGRATIONS)):
        connection.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;")
