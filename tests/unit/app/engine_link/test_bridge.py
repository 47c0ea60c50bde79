"""Bridge: events on the GUI thread, in order, words joined, nothing of what is over, an end for everything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread

from app.engine_link.bridge import DELTA_INTERVAL_MS, EngineBridge
from app.engine_link.scripted_client import ScriptedClient
from mlx_gemma4.protocol.events import (
    BoxFound,
    EngineFailed,
    Event,
    MediaProbed,
    PromptProgress,
    TextDelta,
    ThoughtDelta,
    TurnFinished,
)
from mlx_gemma4.protocol.requests import Load, ProbeMedia, Stop

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


class Ear(QObject):
    """Hears the bridge of a silent engine, whose words are pushed by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.client = ScriptedClient()
        self.bridge = EngineBridge(self.client, self)
        self.heard: list[Event] = []
        self.moments: list[float] = []
        self.codes: list[int] = []
        self.bridge.event_received.connect(self._on_event_received)
        self.bridge.engine_exited.connect(self.codes.append)

    def _on_event_received(self, event: Event) -> None:
        assert QThread.currentThread() is self.thread()
        self.heard.append(event)
        self.moments.append(time.perf_counter())

    def text(self) -> str:
        return "".join(event.text for event in self.heard if isinstance(event, TextDelta))

    def has_heard(self, kind: type[Event]) -> bool:
        return any(isinstance(event, kind) for event in self.heard)

    def push(self, *events: Event) -> None:
        for event in events:
            self.client.push(event)


@pytest.fixture
def ear(qapp: QCoreApplication) -> Iterator[Ear]:
    ear = Ear()
    ear.bridge.start()
    ear.bridge.send(Load("r", "tour"))
    ear.bridge.send(ProbeMedia("p", "a.png"))
    yield ear
    ear.bridge.close()


def words(*texts: str) -> list[Event]:
    return [TextDelta(text, seq=seq, request_id="r") for seq, text in enumerate(texts)]


def test_nothing_is_said_on_the_clients_own_time(ear: Ear, qtbot: QtBot) -> None:
    ear.push(PromptProgress(1, 2, request_id="r"))
    assert not ear.heard
    qtbot.waitUntil(lambda: len(ear.heard) == 1)


def test_words_are_joined_to_about_thirty_pieces_a_second(ear: Ear, qtbot: QtBot) -> None:
    said = ""
    began = time.perf_counter()
    for number in range(100):
        ear.push(TextDelta(f"{number} ", seq=number, request_id="r"))
        said += f"{number} "
        qtbot.wait(5)
    qtbot.waitUntil(lambda: ear.text() == said)
    most = (time.perf_counter() - began) * 1000 / DELTA_INTERVAL_MS + 2
    assert 5 <= len(ear.heard) <= most
    assert ear.heard[-1].seq == 99, "a joined piece has the number of its last part"


def test_the_first_words_do_not_wait(ear: Ear, qtbot: QtBot) -> None:
    ear.push(*words("a", "b"))
    QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall)
    assert ear.text() == "a"
    qtbot.waitUntil(lambda: ear.text() == "ab")


def test_words_keep_their_place_among_other_events(ear: Ear, qtbot: QtBot) -> None:
    box = BoxFound((1, 2, 3, 4), "x", request_id="r")
    thought = ThoughtDelta("hm", request_id="r")
    ear.push(*words("a", "b"), box, *words("c"), thought, *words("d", "e"))
    ear.push(TurnFinished("end_of_turn", request_id="r"))
    qtbot.waitUntil(lambda: ear.has_heard(TurnFinished))
    told = [event.text if isinstance(event, TextDelta | ThoughtDelta) else type(event).__name__ for event in ear.heard]
    assert told == ["a", "b", "BoxFound", "c", "hm", "de", "TurnFinished"]


def test_words_of_two_requests_are_not_mixed(ear: Ear, qtbot: QtBot) -> None:
    ear.push(*words("a", "b"), TextDelta("other", request_id="p"), *words("c"))
    qtbot.waitUntil(lambda: len(ear.heard) == 4)
    assert [event.request_id for event in ear.heard] == ["r", "r", "p", "r"]


def test_nothing_of_a_request_comes_after_its_end(ear: Ear, qtbot: QtBot) -> None:
    end = TurnFinished("stopped", request_id="r")
    ear.push(*words("a"), end, *words("late"), BoxFound((1, 2, 3, 4), "late", request_id="r"), end)
    ear.push(MediaProbed("picture", 1, 1, 1, "", "", request_id="p"))
    qtbot.waitUntil(lambda: ear.has_heard(MediaProbed))
    assert [type(event) for event in ear.heard] == [TextDelta, TurnFinished, MediaProbed]


def test_nothing_comes_of_a_request_that_nobody_made(ear: Ear, qtbot: QtBot) -> None:
    ear.push(TextDelta("whose?", request_id="z"), EngineFailed("wire", "Broken.", "", True))
    qtbot.waitUntil(lambda: len(ear.heard) == 1)
    assert isinstance(ear.heard[0], EngineFailed), "what belongs to no request is for everybody"


def test_stop_is_sent_for_the_request(ear: Ear, qtbot: QtBot) -> None:
    ear.bridge.stop("r")
    qtbot.waitUntil(lambda: len(ear.heard) == 1)
    sent = ear.client.requests[-1]
    assert isinstance(sent, Stop) and sent.request_id == "r"
    assert ear.heard == [TurnFinished("stopped", request_id="r")]


def test_when_the_engine_dies_the_last_words_come_then_an_end_for_everything(ear: Ear, qtbot: QtBot) -> None:
    ear.push(*words("a", "b"))
    ear.client.exit(-9)
    qtbot.waitUntil(lambda: ear.codes == [-9])
    assert ear.text() == "ab"
    ends = ear.heard[2:]
    assert [(type(end), end.request_id) for end in ends] == [(EngineFailed, "r"), (EngineFailed, "p")]
    assert [end.seq for end in ends] == [2, 0]
    assert all(isinstance(end, EngineFailed) and end.code == "engine.gone" and not end.recoverable for end in ends)
    assert not ear.bridge.is_running


def test_without_an_engine_a_request_fails_and_after_a_restart_it_is_sent(ear: Ear, qtbot: QtBot) -> None:
    ear.client.exit(1)
    qtbot.waitUntil(lambda: ear.codes == [1])
    ear.heard.clear()
    ear.bridge.send(Load("lost", "tour"))
    ear.bridge.stop("lost")
    qtbot.waitUntil(lambda: len(ear.heard) == 1)
    assert isinstance(ear.heard[0], EngineFailed) and ear.heard[0].request_id == "lost"
    ear.bridge.start()
    assert ear.bridge.is_running
    ear.bridge.send(Load("again", "tour"))
    ear.push(PromptProgress(1, 1, request_id="again"))
    qtbot.waitUntil(lambda: len(ear.heard) == 2)
    assert ear.heard[1] == PromptProgress(1, 1, request_id="again")


def test_another_start_ends_what_the_engine_before_was_doing(ear: Ear, qtbot: QtBot) -> None:
    ear.push(PromptProgress(1, 2, request_id="r"))
    ear.bridge.start()
    assert [(type(event), event.request_id) for event in ear.heard] == [(EngineFailed, "r"), (EngineFailed, "p")]
    qtbot.wait(20)
    assert len(ear.heard) == 2, "what the engine before had still to say is not heard"
    assert ear.client.starts == 2


def test_after_closing_nothing_comes(ear: Ear, qtbot: QtBot) -> None:
    ear.push(*words("a", "b"))
    ear.bridge.close()
    qtbot.wait(2 * DELTA_INTERVAL_MS)
    assert not ear.heard and not ear.codes


def test_a_burst_does_not_hold_up_the_event_loop(ear: Ear, qtbot: QtBot) -> None:
    def slow(_: Event) -> None:
        time.sleep(0.001)

    ear.bridge.event_received.connect(slow)
    ear.push(*(PromptProgress(number, 100, seq=number, request_id="r") for number in range(100)))
    began = time.perf_counter()
    QCoreApplication.sendPostedEvents(ear.bridge, QEvent.Type.MetaCall)
    assert 0 < len(ear.heard) < 100 and time.perf_counter() - began < 0.05
    qtbot.waitUntil(lambda: len(ear.heard) == 100)
    assert [event.seq for event in ear.heard] == list(range(100))
