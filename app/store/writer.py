"""The one thread that writes: a transaction a batch, tried again until it is on the disk."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence

from app.store.changes import Change
from app.store.schema import is_full
from app.words import tr

FULL = tr("The disk is full: what you see stays here, but it is not saved. Make some room.")
FAILED = tr("Conversations cannot be saved at the moment: {reason}.")
_RETRY_SECONDS = 1.0
_LAST_TRIES = 2


class Writer:
    """Takes batches of changes and writes them in order.

    `troubled` is called from its thread with a sentence when a batch cannot be written, and with "" when one can again.
    """

    def __init__(self, connection: sqlite3.Connection, troubled: Callable[[str], None]) -> None:
        self._connection = connection
        self._troubled = troubled
        self._batches: queue.SimpleQueue[Sequence[Change] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="store writer", daemon=True)
        self._thread.start()

    def write(self, changes: Sequence[Change]) -> None:
        """Write these together, soon; does not wait."""
        self._batches.put(changes)

    def flush(self, seconds: float) -> None:
        """Wait until everything so far is on the disk, at most so long."""
        done = threading.Event()
        self._batches.put((lambda _: done.set(),))
        done.wait(seconds)

    def close(self) -> None:
        """Write what is waiting and end."""
        self._closing.set()
        self._batches.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while (changes := self._batches.get()) is not None:
            tries = 0
            while not self._write(changes):
                tries += 1
                if self._closing.is_set() and tries >= _LAST_TRIES:
                    break
                self._closing.wait(_RETRY_SECONDS)

    def _write(self, changes: Sequence[Change]) -> bool:
        """One transaction; False if it has to be tried again."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for change in changes:
                change(connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._say(FULL if is_full(error) else FAILED.format(reason=error))
            # what the database will never take must not hold up what comes after it
            return isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.DataError)
        self._say("")
        return True

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._troubled(trouble)
