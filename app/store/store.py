"""Everything that is kept, as the GUI thread sees it: nothing here waits for the disk."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.store import reading
from app.store.changes import Change, recover
from app.store.changes import kept as kept_at
from app.store.export import write_file
from app.store.files import keep_file, remove_unused
from app.store.schema import NAME, connect, open_database
from app.store.writer import Writer
from app.words import tr

_PATIENCE_SECONDS, _PATIENCE_WHILE_TYPING_SECONDS = 2.0, 0.05
CANNOT_OPEN = tr("Conversations cannot be kept: {reason}.")


class Store(QObject):
    """A folder with a database and files. Reading, writing and copying files have a thread each.

    Signals, on the thread that this object belongs to:
        began: the database is open; the key of the conversation that was on the screen last, or None.
        entries_read: all entries, those changed last first.
        conversation_read: a key, and the StoredConversation or None.
        found: words, and the hits for them.
        troubled: a sentence, or "" when the trouble is over.
        noticed: a sentence, once.
        exported: the file, and why it could not be written, or "".
    """

    began = Signal(object)
    entries_read = Signal(object)
    conversation_read = Signal(object, object)
    found = Signal(str, object)
    troubled = Signal(str)
    noticed = Signal(str)
    exported = Signal(str, str)

    def __init__(self, folder: Path) -> None:
        """Nothing is opened before `start`."""
        super().__init__()
        self.folder = folder
        self._waiting: list[Sequence[Change]] = []
        self._lock = threading.Lock()
        self._writer: Writer | None = None
        self._reader: sqlite3.Connection | None = None
        self._closed = False
        self._searched = ""
        self._reading = ThreadPoolExecutor(1, "store reader")
        self._copying = ThreadPoolExecutor(1, "store files")

    def start(self) -> None:
        """Open the database, without waiting for it; `began` and `entries_read` follow."""
        self._reading.submit(self._open)

    def write(self, changes: Sequence[Change]) -> None:
        """Write these together; soon, and in the order of calls."""
        with self._lock:
            if self._writer is None:
                self._waiting.append(changes)
            else:
                self._writer.write(changes)

    def keep_file(self, attachment: int, path: str) -> None:
        """Put a copy of this attachment's file into the folder."""
        self._copy(self._keep_file, attachment, Path(path))

    def read_entries(self) -> None:
        """`entries_read` follows."""
        self._read(lambda connection: self.entries_read.emit(reading.read_entries(connection)))

    def read_conversation(self, key: int) -> None:
        """`conversation_read` follows, with everything in it that was written before this call."""

        def read(connection: sqlite3.Connection) -> None:
            self._wait_for_writer(_PATIENCE_SECONDS)
            self.conversation_read.emit(key, reading.read_conversation(connection, self.folder, key))

        self._read(read)

    def search(self, words: str) -> None:
        """`found` follows, unless other words are searched for before."""
        self._searched = words

        def look(connection: sqlite3.Connection) -> None:
            if words == self._searched:
                self._wait_for_writer(_PATIENCE_WHILE_TYPING_SECONDS)
                self.found.emit(words, reading.search(connection, words))

        self._read(look)

    def export(self, key: int, target: Path) -> None:
        """Write a conversation in the format that the file's ending names; `exported` follows."""

        def write(connection: sqlite3.Connection) -> None:
            self._wait_for_writer(_PATIENCE_SECONDS)
            conversation = reading.read_conversation(connection, self.folder, key)
            if conversation is None:
                return
            try:
                write_file(conversation, target)
            except OSError as error:
                self.exported.emit(str(target), error.strerror or str(error))
            else:
                self.exported.emit(str(target), "")

        self._read(write)

    def close(self) -> None:
        """Write what is waiting, and wait for that."""
        self._closed = True
        self._copying.shutdown()  # files are copied to the end: their originals may not be there tomorrow
        self._reading.shutdown(cancel_futures=True)
        if self._writer is not None:
            self._writer.close()
        if self._reader is not None:
            self._reader.close()

    def _wait_for_writer(self, seconds: float) -> None:
        if self._writer is not None:
            self._writer.flush(seconds)

    def _open(self) -> None:
        try:
            opened = open_database(self.folder)
            _recover(opened.connection)
            self._reader = connect(self.folder / NAME)
            self._reader.execute("PRAGMA query_only = ON")
            current = reading.read_mark(self._reader, "current")
            entries = reading.read_entries(self._reader)
            files = self._reader.execute("SELECT id, path, kept FROM attachments").fetchall()
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.noticed.emit(CANNOT_OPEN.format(reason=reason))
            return
        with self._lock:
            self._writer = Writer(opened.connection, self.troubled.emit)
            for changes in self._waiting:
                self._writer.write(changes)
            self._waiting.clear()
        if opened.notice:
            self.noticed.emit(opened.notice)
        self.entries_read.emit(entries)
        self.began.emit(current)
        self._copy(remove_unused, self.folder, {kept for _, _, kept in files if kept})
        for key, path, kept in files:
            if not kept:  # the app was killed before it was
                self.keep_file(key, path)

    def _read(self, run: Callable[[sqlite3.Connection], None]) -> None:
        def guarded() -> None:
            if self._reader is None or self._closed:
                return
            try:
                run(self._reader)
            except sqlite3.Error as error:
                self.troubled.emit(tr("Something could not be read: {error}.", error=error))

        with contextlib.suppress(RuntimeError):  # it has been closed
            self._reading.submit(guarded)

    def _copy(self, run: Callable[..., None], *what: object) -> None:
        with contextlib.suppress(RuntimeError):  # likewise; the next start sees to what was not done
            self._copying.submit(run, *what)

    def _keep_file(self, attachment: int, path: Path) -> None:
        try:
            place = keep_file(self.folder, path)
        except OSError:
            return  # the original's path is in the database, and its loss would be noticed by the engine
        self.write((kept_at(attachment, place),))


def _recover(connection: sqlite3.Connection) -> None:
    """Put in order what a crash has left."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        recover(connection)
        connection.execute("COMMIT")
    except sqlite3.Error:
        connection.execute("ROLLBACK")
        raise
