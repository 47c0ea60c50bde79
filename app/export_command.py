"""`prism export --json FILE`: every conversation with its events, without a window."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from app.platform.home import VARIABLE, home
from app.store.export import all_as_json
from app.store.schema import MIGRATIONS, NAME, connect, is_damage, open_database

FAILED = 1


def main(arguments: Sequence[str]) -> int:
    """Write the file; returns the exit code: 0, 1 if there is nothing to write or nowhere to write it to."""
    parser = argparse.ArgumentParser(
        prog="prism export",
        description="Write every conversation with its events to a JSON file.",
        epilog=f"Conversations are read from the folder that {VARIABLE} names, or from Prism's own.",
    )
    parser.add_argument("--json", metavar="FILE", required=True, help="the file to write; - for standard output")
    target = parser.parse_args(arguments).json
    folder = home()
    if not (folder / NAME).is_file():
        return _say(f"There are no conversations in {folder}.")
    try:
        if _is_older(folder / NAME):
            open_database(folder).connection.close()
        with closing(connect(folder / NAME)) as connection:
            return _export(connection, folder, target)
    except sqlite3.Error as error:
        reason = "it is damaged" if is_damage(error) else str(error)
        return _say(f"{folder / NAME} cannot be read: {reason}.")
    except OSError as error:
        return _say(f"{target} cannot be written: {error.strerror}.")


def _is_older(database: Path) -> bool:
    """Whether an earlier Prism has written it last, so that it lacks what this one reads."""
    with closing(connect(database)) as connection:
        return 0 < connection.execute("PRAGMA user_version").fetchone()[0] < len(MIGRATIONS)


def _export(connection: sqlite3.Connection, folder: Path, target: str) -> int:
    connection.execute("PRAGMA query_only = ON")
    if connection.execute("PRAGMA user_version").fetchone()[0] > len(MIGRATIONS):
        return _say(f"{folder / NAME} was written by a newer Prism: update this one first.")
    connection.execute("BEGIN")  # all of it as it is now, whatever a running window writes meanwhile
    if target == "-":
        sys.stdout.writelines(all_as_json(connection, folder))
        return 0
    draft = Path(f"{target}.part")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(all_as_json(connection, folder))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return 0


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return FAILED
