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
from tests.e2e.display import Display
from tests.e2e.window import Window

KILLS = 50
SEEN_FOR_SECONDS = 1.0
SECONDS = 30.0


class Day:
    """A person at a real window, and what they have a right to find again.

    Attributes:
        asked: questions, with the moment at which each was sent.
        deleted: questions whose conversations were thrown away.
    """

    def __init__(self, chance: random.Random) -> None:
        self.asked: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self.deleted = False
        self._chance = chance

    def work(self, window: Window, seconds: float) -> None:
        """Ask, ask again, begin anew, rename, delete, stop, in any order, for so long."""
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
                    self._ask(window)

    def _ask(self, window: Window) -> None:
        question = f"word{self._chance.randrange(10**9)}"
        window.type(question)
        self.asked[question] = window.press("Return")
        time.sleep(self._chance.uniform(0.0, 0.4))


def questions(home: Path) -> dict[str, list[str]]:
    """The text of every turn that is kept, by its question; fails unless the database is sound."""
    with closing(open_database(home).connection) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        kept: dict[str, list[str]] = {}
        for entry in read_entries(connection):
            conversation = read_conversation(connection, home, entry.key)
            assert conversation is not None
            for turn in conversation.turns:
                kept.setdefault(turn.question, []).append(turn.status)
    return kept


@pytest.mark.full
@pytest.mark.timeout(600)
def test_fifty_kills_of_the_app_or_its_engine_lose_nothing_that_was_seen(display: Display, tmp_path: Path) -> None:
    chance = random.Random(8)
    home = tmp_path / "home"
    killed = lost = 0
    while killed < KILLS:
        day = Day(chance)
        with Window(display, tmp_path) as window:
            window.wait_for("ModelReady", SECONDS, since=window.started)
            for _ in range(4):  # the engine, a few times while the window goes on
                day.work(window, chance.uniform(0.3, 1.2))
                for engine in window.engines():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(engine, signal.SIGKILL)
                killed += 1
            day.work(window, chance.uniform(0.3, 1.5))
            window.process.kill()
            moment = time.monotonic()
            window.process.wait(10)
            killed += 1
        seen = [question for question, sent in day.asked.items() if sent <= moment - SEEN_FOR_SECONDS]
        kept = questions(home)
        missing = [question for question in seen if question not in kept]
        lost += len(missing)
        print(f"{killed} kills: {len(seen)} questions had been seen, {len(missing)} are missing")
    assert not lost
