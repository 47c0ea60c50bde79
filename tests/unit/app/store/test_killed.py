"""`kill -9` at any moment: what had been on the screen for a second is there again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.store.reading import read_conversation, read_entries
from app.store.schema import open_database
from app.store.stored_events import text_of
from mlx_gemma4.protocol.events import BoxFound, ThoughtDelta

ROOT = Path(__file__).parents[4]
SEEN_FOR_SECONDS = 1.0


def run_and_kill(home: Path, ledger: Path, picture: str, seed: int) -> float:
    """Let the busy app run for a random while after its first look at the screen; returns when it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.app.store.busy_app", str(home), str(ledger), picture, str(seed)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        deadline = time.monotonic() + 60
        while not ledger.exists() or not ledger.stat().st_size:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(random.Random(seed).uniform(0.5, 4.0))
        assert process.poll() is None
    finally:
        killed = time.monotonic()
        process.send_signal(signal.SIGKILL)
        process.wait()
    return killed


class Promises:
    """What a person has a right to find again.

    Attributes:
        turns: conversation, question, thought, text, number of boxes and names of files, by the turn's key.
        titles: by the conversation's key.
        deleted: keys of conversations.
    """

    def __init__(self) -> None:
        self.turns: dict[int, tuple] = {}
        self.titles: dict[int, str] = {}
        self.deleted: set[int] = set()

    def read(self, ledger: Path, killed: float) -> None:
        """Add what had been seen for a second when the app was killed."""
        for line in ledger.read_text().splitlines():
            try:
                seen = json.loads(line)
            except ValueError:
                continue  # the last line, in the middle of which the app was killed
            if "deleted" in seen:
                self.deleted.add(seen["deleted"])
            elif seen["at"] <= killed - SEEN_FOR_SECONDS:
                self.titles[seen["conversation"]] = seen["title"]
                for key, *rest in seen["turns"]:
                    self.turns[key] = (seen["conversation"], *rest)


def check(home: Path, promises: Promises) -> None:
    """Look at what is left, as the app does when it starts."""
    with closing(open_database(home).connection) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        there = {entry.key: entry for entry in read_entries(connection)}
        assert not set(promises.titles) - set(there) - promises.deleted
        read = [read_conversation(connection, home, key) for key in there]
    stored = {
        turn.key: (turn, {file.key: file.name for file in conversation.files})
        for conversation in read
        if conversation is not None
        for turn in conversation.turns
    }
    for key, (conversation, question, thought, text, boxes, files) in promises.turns.items():
        if conversation in promises.deleted:
            continue
        turn, names = stored[key]
        assert turn.question == question
        assert text_of(turn.events).startswith(text)
        assert "".join(event.text for event in turn.events if isinstance(event, ThoughtDelta)).startswith(thought)
        assert sum(isinstance(event, BoxFound) for event in turn.events) >= boxes
        assert [names[file] for file in turn.attachments] == files


def kill_often(tmp_path: Path, picture: str, times: int, seed: int) -> None:
    """One home through all of it, so that every start finds what the last end has left."""
    home, promises = tmp_path / "home", Promises()
    for number in range(times):
        ledger = tmp_path / f"ledger {number}"
        promises.read(ledger, run_and_kill(home, ledger, picture, seed + number))
        check(home, promises)
    print(f"{times} kills: {len(promises.turns)} turns of {len(promises.titles)} conversations were all there again")
    assert len(promises.turns) > times


def test_what_was_seen_for_a_second_outlives_ten_kills(tmp_path: Path, picture: str) -> None:
    kill_often(tmp_path, picture, 10, seed=100)


@pytest.mark.full
@pytest.mark.timeout(1_200)
def test_what_was_seen_for_a_second_outlives_fifty_kills(tmp_path: Path, picture: str) -> None:
    kill_often(tmp_path, picture, 50, seed=1_000)
