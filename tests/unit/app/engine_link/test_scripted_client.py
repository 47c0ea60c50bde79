"""Scripted client: it keeps the contract that the real engine keeps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.engine_link.scripted_client import Script, ScriptedClient, silence
from mlx_gemma4.protocol.events import Event, ModelReady, TextDelta, TurnFinished
from mlx_gemma4.protocol.requests import Load, Stop

Started = Callable[[Script], "Listener"]


class Listener:
    """A started client and what it has said."""

    def __init__(self, script: Script) -> None:
        self.heard: list[Event] = []
        self.codes: list[int] = []
        self.client = ScriptedClient(script)
        self.client.start(self.heard.append, self.codes.append)

    def wait_for(self, count: int) -> list[Event]:
        deadline = time.monotonic() + 5
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.heard


@pytest.fixture
def listen() -> Iterator[Started]:
    listeners: list[Listener] = []

    def start(script: Script) -> Listener:
        listeners.append(Listener(script))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.client.close()


def test_a_script_is_played_with_ids_and_numbers(listen: Started) -> None:
    listener = listen(lambda _: [(0, TextDelta("a")), (0.01, TextDelta("b")), (0.01, TurnFinished("end_of_turn"))])
    listener.client.send(Load("x", "tour"))
    assert listener.wait_for(3) == [
        TextDelta("a", seq=0, request_id="x"),
        TextDelta("b", seq=1, request_id="x"),
        TurnFinished("end_of_turn", seq=2, request_id="x"),
    ]


def test_times_count_from_the_request(listen: Started) -> None:
    listener = listen(lambda _: [(0.05, TextDelta("a")), (0.1, TextDelta("b"))])
    began = time.monotonic()
    listener.client.send(Load("x", "tour"))
    listener.wait_for(2)
    assert 0.1 <= time.monotonic() - began < 1


def test_stop_ends_the_request_and_nothing_follows(listen: Started) -> None:
    listener = listen(lambda _: [(0, TextDelta("a")), (0.05, TextDelta("late")), (0.05, TurnFinished("end_of_turn"))])
    listener.client.send(Load("x", "tour"))
    listener.wait_for(1)
    listener.client.send(Stop("s", "x"))
    time.sleep(0.1)
    assert listener.heard[1:] == [TurnFinished("stopped", seq=1, request_id="x")]


def test_nothing_follows_a_terminal_event_of_the_script(listen: Started) -> None:
    ready = ModelReady("tour", "Tour", 8, 1, True, False, 70)
    listener = listen(lambda _: [(0, ready), (0, TextDelta("late"))])
    listener.client.send(Load("x", "tour"))
    time.sleep(0.05)
    assert [type(event) for event in listener.heard] == [ModelReady]


def test_it_can_die_and_be_started_again(listen: Started) -> None:
    listener = listen(lambda _: [(0.02, TextDelta("a"))])
    listener.client.send(Load("x", "tour"))
    listener.client.exit(-9)
    time.sleep(0.05)
    assert (listener.heard, listener.codes) == ([], [-9])
    listener.client.send(Load("unheard", "tour"))
    listener.client.start(listener.heard.append, listener.codes.append)
    listener.client.send(Load("y", "tour"))
    assert listener.wait_for(1) == [TextDelta("a", seq=0, request_id="y")]
    assert [request.id for request in listener.client.requests] == ["x", "unheard", "y"]
    assert listener.client.starts == 2


def test_pushed_events_come_as_they_are(listen: Started) -> None:
    listener = listen(silence)
    listener.client.push(TextDelta("odd", seq=7, request_id="whose?"))
    assert listener.heard == [TextDelta("odd", seq=7, request_id="whose?")]


def test_it_speaks_from_threads_of_its_own(listen: Started) -> None:
    listener = listen(lambda _: [(0, TextDelta("a"))])
    threads: list[threading.Thread] = []
    listener.client.start(lambda _: threads.append(threading.current_thread()), listener.codes.append)
    listener.client.send(Load("x", "tour"))
    time.sleep(0.05)
    assert threads and threads[0] is not threading.current_thread()
