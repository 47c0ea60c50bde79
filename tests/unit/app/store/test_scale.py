"""Long conversations and many of them: opened, searched and gone on with as quickly as short ones."""

from __future__ import annotations

import gc
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.state.keys import new_key
from app.store.changes import AddEvents, SaveConversation, SaveTurn
from app.store.reading import search
from app.store.schema import open_database
from app.views.conversation.conversation_view import ConversationView, TurnView
from app.views.main_window import MainWindow
from app.views.theme import Theme
from mlx_gemma4.protocol.events import TextDelta, TurnFinished
from tests.unit.app.resident import resident_bytes
from tests.unit.app.scripted import USAGE
from tests.unit.app.store.keeping import Keeping
from tests.unit.app.views.test_latency import MOST_MS, Heartbeat, check, measure

OPEN_SECONDS, SEARCH_SECONDS = 1.0, 0.1
MEGABYTE = 1_000_000
WORDS = (
    "the picture shows a red star beside a small blue boat on grey water under a pale sky with thin clouds while birds "
    "pass over the harbour and people wait for bread coffee letters trains music rain and the end of a long week"
).split()


def text(number: int) -> str:
    """Sixty words, no two answers alike."""
    words = [WORDS[(number * 7 + step * (number % 11 + 1)) % len(WORDS)] for step in range(60)]
    return f"{' '.join(words)} item{number}."


def fill(connection: sqlite3.Connection, conversations: int, turns: int) -> list[int]:
    """So many conversations of so many turns; returns their keys."""
    keys = []
    connection.execute("BEGIN")
    for chat in range(conversations):
        key = new_key()
        keys.append(key)
        before = None
        shown = None
        SaveConversation(key, f"Conversation {chat}", "words", time.time(), None)(connection)
        for number in range(turns):
            before, shown = shown, new_key()
            row = (shown, key, before, f"Question {number} about {WORDS[number % len(WORDS)]}?", (), (), None, None)
            SaveTurn(*row, "answering", None)(connection)
            AddEvents(shown, (TextDelta(text(chat * turns + number)), USAGE, TurnFinished("end_of_turn")))(connection)
            SaveTurn(*row, "done", None)(connection)
        SaveConversation(key, f"Conversation {chat}", "words", time.time(), shown)(connection)
    connection.execute("COMMIT")
    return keys


def test_two_thousand_turns_are_open_within_a_second(keeping: Keeping, qtbot: QtBot, shown: Theme) -> None:
    with closing(open_database(keeping.folder).connection) as connection:
        (key,) = fill(connection, 1, 2_000)
    rig = keeping.begin()
    window = MainWindow(rig.session, rig.actions)
    qtbot.addWidget(window)
    window.show()
    qtbot.wait(100)
    heart = Heartbeat()
    heart.start()
    began = time.perf_counter()
    rig.actions.library.open(key)
    qtbot.waitUntil(lambda: rig.session.conversation.count == 2_000 and bool(window.findChildren(TurnView)))
    took = time.perf_counter() - began
    qtbot.wait(200)
    heart.stop()
    gaps = sorted((gap for gap in heart.gaps_ms if gap > 0.3), reverse=True)
    print(f"2,000 turns open after {took:.2f} s; slots: most {gaps[0]:.1f} ms, p99 {gaps[len(gaps) // 100]:.1f} ms")
    assert took < OPEN_SECONDS
    assert gaps[0] <= MOST_MS
    assert 0 < len(window.findChildren(TurnView)) < 30
    assert rig.session.conversation.turns[-1].text == text(1_999)


def test_a_search_over_ten_thousand_turns_answers_at_once(tmp_path: Path) -> None:
    with closing(open_database(tmp_path).connection) as connection:
        fill(connection, 50, 200)
        worst = 0.0
        for words in ("star", "the", "t", "item9999", "red star boat", "question", "s", "zebra"):
            began = time.perf_counter()
            hits = search(connection, words)
            worst = max(worst, time.perf_counter() - began)
            assert bool(hits) == (words != "zebra")
        print(f"search over 10,000 turns: at most {worst * 1000:.1f} ms")
    assert worst < SEARCH_SECONDS


def test_writing_everything_down_does_not_hold_the_window_up(
    keeping: Keeping, qtbot: QtBot, shown: Theme, picture: str
) -> None:
    rig = keeping.begin()
    gaps = measure(rig, qtbot, picture, 8)
    check(gaps, 8)
    rig = keeping.again(rig)
    assert len(rig.session.conversation.turns[0].boxes) >= 8


def test_scrolling_through_makes_turns_and_lets_them_go(keeping: Keeping, qtbot: QtBot, shown: Theme) -> None:
    with closing(open_database(keeping.folder).connection) as connection:
        (key,) = fill(connection, 1, 300)
    rig = keeping.begin()
    window = MainWindow(rig.session, rig.actions)
    qtbot.addWidget(window)
    window.show()
    keeping.open(rig, key)
    view = window.findChild(ConversationView)
    assert view is not None
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 10_000)
    for turn in (rig.session.conversation.turns[150], rig.session.conversation.turns[0]):
        rig.actions.library.open(key, turn.key)
        qtbot.waitUntil(
            lambda turn=turn: (
                [found.turn for found in window.findChildren(TurnView) if found.y() - bar.value() in range(40)]
                == [turn]
            )
        )
        assert len(window.findChildren(TurnView)) < 40


@pytest.mark.full
@pytest.mark.timeout(1_800)
def test_memory_does_not_grow_with_the_turns(keeping: Keeping, qtbot: QtBot, shown: Theme) -> None:
    """From turn 1,000 to 10,000 of one conversation."""
    rig = keeping.begin(
        lambda ask: [(0.0, TextDelta(text(len(ask.messages)))), (0.0, USAGE), (0.0, TurnFinished("end_of_turn"))]
    )
    window = MainWindow(rig.session, rig.actions)
    qtbot.addWidget(window)
    window.show()
    resident = {}
    for number in range(1, 10_001):
        rig.actions.conversation.ask(f"Question {number}?")
        qtbot.waitUntil(lambda: rig.session.conversation.idle)
        rig.client.requests.clear()  # the script's own record of what it was asked
        if number in (1_000, 10_000):
            gc.collect()
            resident[number] = resident_bytes()
    assert rig.session.conversation.count == 10_000
    grown = resident[10_000] - resident[1_000]
    print(f"resident at turn 1,000: {resident[1_000] / MEGABYTE:.0f} MB; grown by {grown / MEGABYTE:.1f} MB at 10,000")
    assert grown < 20 * MEGABYTE


def test_asking_stays_as_quick_as_in_the_beginning(keeping: Keeping, qtbot: QtBot, shown: Theme) -> None:
    """All that was said before goes out with each question."""
    with closing(open_database(keeping.folder).connection) as connection:
        (key,) = fill(connection, 1, 10_000)
    rig = keeping.begin()
    window = MainWindow(rig.session, rig.actions)
    qtbot.addWidget(window)
    window.show()
    keeping.open(rig, key)
    heart = Heartbeat()
    heart.start()
    for number in range(3):
        keeping.ask(rig, f"And then {number}?")
    heart.stop()
    print(f"10,000 turns and three more: most {max(heart.gaps_ms):.1f} ms")
    assert [len(ask.messages) for ask in rig.asks()] == [20_001, 20_003, 20_005]
    assert max(heart.gaps_ms) <= MOST_MS
