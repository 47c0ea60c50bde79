"""`kill -9` of the app or its engine in the middle of busy days: what was on the screen for a second is there again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.store.reading import read_conversation, read_entries
from app.store.schema import open_database
from app.store.stored_events import text_of
from tests.e2e.display import Display
from tests.e2e.window import Entry, Window

KILLS = 50
ENGINES_A_WINDOW = 4
SEEN_FOR_SECONDS = 1.0
SECONDS = 30.0


class Person:
    """Somebody who is at the window all day; what they do is drawn by lot."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def work(self, window: Window, seconds: float) -> None:
        """Ask, ask again beside an answer, begin anew, stop, in any order, for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            match self._chance.randrange(8):
                case 0:
                    window.press("ctrl+n")
                case 1:
                    window.press("ctrl+r")
                case 2:
                    window.press("Escape")
                case _:
                    window.ask(f"word{self._chance.randrange(10**9)}")
            time.sleep(self._chance.uniform(0.0, 0.4))


def kept_answers(home: Path) -> dict[str, list[tuple[str, int]]]:
    """Status and length of all answers that are kept, by their questions; fails unless the database is sound."""
    with closing(open_database(home).connection) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        kept: dict[str, list[tuple[str, int]]] = {}
        for entry in read_entries(connection):
            conversation = read_conversation(connection, home, entry.key)
            assert conversation is not None
            for turn in conversation.turns:
                kept.setdefault(turn.question, []).append((turn.status, len(text_of(turn.events))))
    return kept


def missing(window: Window, killed: float, home: Path) -> tuple[int, list[Entry]]:
    """How much had been on the screen for a second when the window was killed, and what of that is not kept."""
    kept = kept_answers(home)
    seen = [
        entry
        for entry in window.diary()
        if window.started <= entry.at <= killed - SEEN_FOR_SECONDS and entry.what in ("asked", "answer done")
    ]
    lost = [entry for entry in seen if not _is_kept(entry, kept.get(entry.facts["question"], []))]
    return len(seen), lost


def _is_kept(entry: Entry, answers: list[tuple[str, int]]) -> bool:
    return bool(answers) if entry.what == "asked" else ("done", entry.facts["characters"]) in answers


@pytest.mark.full
@pytest.mark.timeout(600)
def test_fifty_kills_of_the_app_or_its_engine_lose_nothing_that_was_seen(display: Display, tmp_path: Path) -> None:
    chance = random.Random(8)
    person, home = Person(chance), tmp_path / "home"
    kills = seen = 0
    lost: list[Entry] = []
    while kills < KILLS:
        with Window(display, tmp_path) as window:
            window.wait_for("ModelReady", SECONDS, since=window.started)
            for _ in range(ENGINES_A_WINDOW):
                person.work(window, chance.uniform(0.3, 1.2))
                for engine in window.engines():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(engine, signal.SIGKILL)
                kills += 1
            person.work(window, chance.uniform(0.3, 1.5))
            window.process.kill()
            killed = time.monotonic()
            window.process.wait(10)
            kills += 1
        more, gone = missing(window, killed, home)
        seen, lost = seen + more, lost + gone
    print(f"{kills} kills: {seen} questions and answers had been seen for a second, {len(lost)} are missing")
    assert seen > KILLS
    assert not lost, lost
