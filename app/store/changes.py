"""What can be written down, each as a function of a connection; they run on the writer's thread, in order."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.state.tools import Said
from app.store.stored_events import read_events, text_of, write_events

Change: TypeAlias = Callable[[sqlite3.Connection], None]
FINAL = ("done", "stopped", "failed")


@dataclass(frozen=True)
class SaveConversation:
    """A conversation that has its first question, another title, kind or branch, or other settings."""

    key: int
    title: str
    kind: str
    created: float
    shown: int | None
    settings: str = "{}"

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write it; whether it is pinned stays as it is."""
        now = time.time()
        connection.execute(
            "INSERT INTO conversations(id, title, kind, created, changed, shown, settings) VALUES(?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT(id) DO UPDATE SET title = excluded.title, kind = excluded.kind, shown = excluded.shown, "
            "settings = excluded.settings",
            (self.key, self.title, self.kind, self.created, now, self.shown, self.settings),
        )
        connection.execute("INSERT OR REPLACE INTO titles(rowid, title) VALUES(?, ?)", (self.key, self.title))


@dataclass(frozen=True)
class SaveTurn:
    """A question, and how its answer stands; the answer itself comes in pieces."""

    key: int
    conversation: int
    before: int | None
    question: str
    attachments: tuple[int, ...]
    files: tuple[int, ...]
    page_ask: str | None
    version: int | None
    status: str
    error: str | None
    settings: str | None = None

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write it, and make it findable by its question; the conversation has now been changed."""
        now = time.time()
        values = (
            self.key, self.conversation, self.before, self.question, json.dumps(self.attachments),
            json.dumps(self.files), self.page_ask, self.version, self.status, self.error, now, self.settings,
        )  # fmt: skip
        connection.execute(
            "INSERT INTO turns VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET "
            "files = excluded.files, version = excluded.version, status = excluded.status, error = excluded.error, "
            "settings = excluded.settings",
            values,
        )
        connection.execute("UPDATE conversations SET changed = ? WHERE id = ?", (now, self.conversation))
        if self.status in FINAL:
            _join_pieces(connection, self.key)
        else:
            connection.execute("INSERT OR REPLACE INTO bodies(rowid, body) VALUES(?, ?)", (self.key, self.question))


@dataclass(frozen=True)
class AddEvents:
    """More of an answer."""

    turn: int
    events: tuple[Said, ...]

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Append them."""
        connection.execute(
            "INSERT INTO pieces SELECT ?1, coalesce(max(number), -1) + 1, ?2 FROM pieces WHERE turn = ?1",
            (self.turn, write_events(self.events)),
        )


@dataclass(frozen=True)
class DropAnswer:
    """An answer without any words that is given again."""

    turn: int

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Forget its pieces."""
        connection.execute("DELETE FROM pieces WHERE turn = ?", (self.turn,))


@dataclass(frozen=True)
class SaveAttachment:
    """A file of a conversation, and what the engine said about it."""

    key: int
    conversation: int
    name: str
    path: str
    facts: str

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write it; where its content is kept stays as it is."""
        connection.execute(
            "INSERT INTO attachments VALUES(?, ?, ?, ?, NULL, ?) ON CONFLICT(id) DO UPDATE SET facts = excluded.facts",
            (self.key, self.conversation, self.name, self.path, self.facts),
        )


@dataclass(frozen=True)
class SavePage:
    """A page that is being rebuilt."""

    key: int
    conversation: int
    screenshot: int
    current: int | None
    pictures: str

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write it; its versions are written by themselves."""
        connection.execute(
            "INSERT INTO pages VALUES(?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET current = excluded.current, "
            "pictures = excluded.pictures",
            (self.key, self.conversation, self.screenshot, self.current, self.pictures),
        )


@dataclass(frozen=True)
class SaveVersion:
    """A version of a page, as raw HTML."""

    key: int
    page: int
    made_from: int | None
    title: str
    html: str
    status: str
    problem: str

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write it."""
        connection.execute(
            "INSERT OR REPLACE INTO versions VALUES(?, ?, ?, ?, ?, ?, ?)",
            (self.key, self.page, self.made_from, self.title, self.html, self.status, self.problem),
        )


@dataclass(frozen=True)
class Run:
    """A single statement."""

    sql: str
    values: Sequence[object] = ()

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Run it."""
        connection.execute(self.sql, self.values)


def rename(key: int, title: str) -> tuple[Change, ...]:
    """Another title."""
    return (
        Run("UPDATE conversations SET title = ? WHERE id = ?", (title, key)),
        Run("INSERT OR REPLACE INTO titles(rowid, title) VALUES(?, ?)", (key, title)),
    )


def pin(key: int, pinned: bool) -> Change:
    """Keep on top of the list, or no longer."""
    return Run("UPDATE conversations SET pinned = ? WHERE id = ?", (int(pinned), key))


def delete(key: int) -> Change:
    """Take out of everything a person sees; it can be undone until the app is started again."""
    return Run("UPDATE conversations SET deleted = ? WHERE id = ?", (time.time(), key))


def undelete(key: int) -> Change:
    """Take `delete` back."""
    return Run("UPDATE conversations SET deleted = NULL WHERE id = ?", (key,))


def mark(name: str, value: int | None) -> Change:
    """Remember one number, such as the conversation on the screen."""
    return Run("INSERT OR REPLACE INTO marks VALUES(?, ?)", (name, value))


def kept(attachment: int, place: str) -> Change:
    """The content of a file is in the folder now."""
    return Run("UPDATE attachments SET kept = ? WHERE id = ?", (place, attachment))


def recover(connection: sqlite3.Connection) -> None:
    """After a start: answers that a crash has cut off are over, and what was deleted is gone."""
    unfinished = connection.execute("SELECT id FROM turns WHERE status NOT IN ('done', 'stopped', 'failed')").fetchall()
    for (turn,) in unfinished:
        connection.execute("UPDATE turns SET status = 'stopped' WHERE id = ?", (turn,))
        _join_pieces(connection, turn)
    deleted = "SELECT id FROM conversations WHERE deleted IS NOT NULL"
    connection.execute(f"DELETE FROM titles WHERE rowid IN ({deleted})")
    connection.execute(f"DELETE FROM bodies WHERE rowid IN (SELECT id FROM turns WHERE conversation IN ({deleted}))")
    connection.execute("DELETE FROM conversations WHERE deleted IS NOT NULL")


def _join_pieces(connection: sqlite3.Connection, turn: int) -> None:
    """One piece for many, and the answer's words findable."""
    rows = connection.execute("SELECT events FROM pieces WHERE turn = ? ORDER BY number", (turn,)).fetchall()
    events = read_events(piece for (piece,) in rows)
    if len(rows) > 1:
        connection.execute("DELETE FROM pieces WHERE turn = ?", (turn,))
        connection.execute("INSERT INTO pieces VALUES(?, 0, ?)", (turn, write_events(events)))
    question = connection.execute("SELECT question FROM turns WHERE id = ?", (turn,)).fetchone()[0]
    body = f"{question}\n{text_of(events)}"
    connection.execute("INSERT OR REPLACE INTO bodies(rowid, body) VALUES(?, ?)", (turn, body))
