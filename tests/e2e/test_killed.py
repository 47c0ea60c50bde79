"""`kill -9` of the app or its engine in the middle of busy days: what was on the screen for a second is there again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.store.reading import read_conversation, read_entries
from app.store.schema import open_database
from app.store.stored_events import text_of
from tests.e2e.busy_person import BusyPerson
from tests.e2e.display import Display
from tests.e2e.window import ROOT, Entry, Window, wait_until
from tests.unit.engine.hub_server import ScriptedHub, serving

TOUR = ROOT / "resources" / "tour"
DOWNLOAD_SPEED = 4_000_000  # bytes a second: a model takes six seconds without a kill

KILLS = 50
ENGINES_A_WINDOW = 4
SEEN_FOR_SECONDS = 1.0
SECONDS = 30.0


@dataclass(frozen=True)
class Kept:
    """What a database has; fails unless it is sound.

    Attributes:
        answers: status and length of all answers, by their questions; of deleted conversations, too.
        listed: title and whether it is pinned, of the conversations in the list, by their key.
    """

    answers: dict[str, list[tuple[str, int]]]
    listed: dict[int, tuple[str, bool]]

    @classmethod
    def read(cls, home: Path) -> Kept:
        """From this folder."""
        answers: dict[str, list[tuple[str, int]]] = {}
        with closing(open_database(home).connection) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            listed = {entry.key: (entry.title, entry.pinned) for entry in read_entries(connection)}
            connection.execute("UPDATE conversations SET deleted = NULL")  # until the next start that can be taken back
            for entry in read_entries(connection):
                conversation = read_conversation(connection, home, entry.key)
                assert conversation is not None
                for turn in conversation.turns:
                    answers.setdefault(turn.question, []).append((turn.status, len(text_of(turn.events))))
            connection.rollback()
        return cls(answers, listed)


def missing(window: Window, killed: float, kept: Kept) -> tuple[int, list[Entry]]:
    """How much had been on the screen for a second when the window was killed, and what of that is not kept."""
    entries = [entry for entry in window.diary() if entry.at >= window.started]
    seen = [entry for entry in entries if entry.at <= killed - SEEN_FOR_SECONDS]
    lasting = [entry for entry in seen if entry.what in ("asked", "answer done")]
    lasting += {entry.facts["key"]: entry for entry in seen if entry.what in ("listed", "unlisted")}.values()
    later = {entry.facts["key"] for entry in entries[len(seen) :] if entry.what in ("listed", "unlisted")}
    return len(lasting), [
        entry for entry in lasting if not _is_kept(entry, kept) and entry.facts.get("key") not in later
    ]


def _is_kept(entry: Entry, kept: Kept) -> bool:
    facts = entry.facts
    match entry.what:
        case "asked":
            return facts["question"] in kept.answers
        case "answer done":
            return ("done", facts["characters"]) in kept.answers.get(facts["question"], [])
        case "listed":
            return kept.listed.get(facts["key"]) == (facts["title"], facts["pinned"])
        case _:
            return facts["key"] not in kept.listed


def downloaded(models: Path) -> int:
    """Bytes of models, and of those that are on their way."""
    return sum(file.stat().st_size for file in models.rglob("*") if file.is_file())


@pytest.mark.full
@pytest.mark.timeout(900)
def test_fifty_kills_of_the_app_or_its_engine_lose_nothing_that_was_seen(display: Display, tmp_path: Path) -> None:
    chance, home = random.Random(8), tmp_path / "home"
    hub = ScriptedHub("", {file.name: file.read_bytes() for file in TOUR.iterdir()}, bytes_per_second=DOWNLOAD_SPEED)
    person = BusyPerson(chance, display)
    kills = seen = came = 0
    lost: list[Entry] = []
    done: set[str] = set()
    with serving(hub) as address:
        more = {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "hf")}
        while kills < KILLS:
            with Window(display, tmp_path, more=more) as window:
                window.wait_for("ModelsFound", SECONDS, since=window.started)
                window.wait_for("ModelReady", SECONDS, since=window.started)
                for _ in range(ENGINES_A_WINDOW):
                    person.work(window, chance.uniform(0.3, 1.2))
                    for engine in window.engines():
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(engine, signal.SIGKILL)
                    kills += 1
                person.download(window)
                if chance.random() < 0.5:
                    wait_until(lambda before=came: downloaded(home / "models") > before, SECONDS, "more of a model")
                person.work(window, chance.uniform(0.3, 1.5))
                window.process.kill()
                killed = time.monotonic()
                window.process.wait(10)
                kills += 1
            count, gone = missing(window, killed, Kept.read(home))
            seen, lost = seen + count, lost + gone
            before, came = came, downloaded(home / "models")
            assert came >= before, "what had been downloaded is gone"
            done |= {entry.what for entry in window.diary()}
    print(f"{kills} kills: {seen} things had been seen for a second, {len(lost)} are missing; {came} bytes downloaded")
    assert seen > KILLS and came and {"listed", "unlisted", "DownloadProgress"} <= done
    assert not lost, lost
