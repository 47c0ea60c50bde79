"""Databases that cannot be used, disks without room."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.actions.library import LIBRARY_SUBJECT, STORE_SUBJECT
from app.store.schema import MIGRATIONS, NAME, connect, open_database
from app.store.writer import FULL
from tests.unit.app.scripted import Rig
from tests.unit.app.store.keeping import Keeping


def aside(folder: Path) -> list[Path]:
    """Databases that were moved away."""
    return [file for file in folder.glob("*.sqlite") if file.name != NAME]


def notices(rig: Rig) -> list[str]:
    """What is said about the library."""
    return [notice.text for notice in rig.session.notices.items if notice.subject == LIBRARY_SUBJECT]


def spoil(file: Path, how: str) -> None:
    """Damage a database."""
    content = file.read_bytes()
    match how:
        case "no database":
            file.write_bytes(b"Dear diary, " * 1_000)
        case "middle":
            file.write_bytes(content[:8_192] + b"\xa5" * 20_000 + content[28_192:])
        case "cut off":
            file.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("how", ["no database", "middle", "cut off"])
def test_a_damaged_database_is_kept_aside_and_a_fresh_one_begun(keeping: Keeping, how: str) -> None:
    rig = keeping.begin()
    for number in range(6):
        keeping.ask(rig, f"Question {number}?")
    keeping.end(rig)
    spoil(keeping.folder / NAME, how)
    spoiled = (keeping.folder / NAME).read_bytes()
    rig = keeping.begin()
    (moved,) = aside(keeping.folder)
    assert moved.read_bytes() == spoiled
    (text,) = notices(rig)
    assert "damaged" in text and moved.name in text
    assert rig.session.library.entries == ()
    keeping.ask(rig, "Anew?")
    rig = keeping.again(rig)
    assert [turn.question for turn in rig.session.conversation.turns] == ["Anew?"]
    assert notices(rig) == []


def test_a_newer_database_is_not_touched(keeping: Keeping) -> None:
    rig = keeping.begin()
    keeping.ask(rig, "Now?")
    keeping.end(rig)
    with closing(connect(keeping.folder / NAME)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    rig = keeping.begin()
    (moved,) = aside(keeping.folder)
    (text,) = notices(rig)
    assert "newer Prism" in text and moved.name in text
    with closing(sqlite3.connect(moved)) as connection:
        assert connection.execute("SELECT question FROM turns").fetchall() == [("Now?",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)


def test_a_folder_that_cannot_be_made_is_a_sentence(keeping: Keeping) -> None:
    keeping.folder.write_text("a file in the way")
    rig = keeping.begin()
    (text,) = notices(rig)
    assert text.startswith("Conversations cannot be kept: ")
    keeping.ask(rig, "Still there?")
    assert rig.session.conversation.turns[0].text


def test_without_room_what_is_on_the_screen_stays_and_is_written_later(keeping: Keeping) -> None:
    rig = keeping.begin()
    assert rig.store is not None and rig.store._writer is not None
    disk = rig.store._writer._connection
    pages = disk.execute("PRAGMA page_count").fetchone()[0]
    disk.execute(f"PRAGMA max_page_count = {pages}")
    keeping.ask(rig, "A long one? " + "x" * 200_000)

    def troubles() -> list[str]:
        return [notice.text for notice in rig.session.notices.items if notice.subject == STORE_SUBJECT]

    keeping.wait(lambda: troubles() == [FULL])
    assert rig.session.conversation.turns[0].text
    disk.execute("PRAGMA max_page_count = 1000000")
    keeping.wait(lambda: troubles() == [])
    rig = keeping.again(rig)
    assert rig.session.conversation.turns[0].question.startswith("A long one?")


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        opened = open_database(tmp_path)
        assert opened.notice == ""
        assert opened.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        opened.connection.close()
    assert aside(tmp_path) == []
