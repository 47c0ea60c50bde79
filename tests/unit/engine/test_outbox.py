"""Outbox: whole numbered lines, one end for every request, whoever sends."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator

import pytest

from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.protocol.errors import MediaError, RequestError
from mlx_gemma4.protocol.events import EngineFailed, Event, PromptProgress, TextDelta, TurnFinished
from mlx_gemma4.protocol.wire import read_events

GONE = MediaError("It is gone.", "Look for it.", code="media.missing")


class Reader:
    """The other end of a pipe."""

    def __init__(self) -> None:
        self.descriptor, self.write_end = os.pipe()
        self.broken = 0

    def events(self) -> list[Event]:
        """All that has been written."""
        os.close(self.write_end)
        with open(self.descriptor, encoding="ascii") as pipe:
            return list(read_events(pipe))

    def on_gone(self) -> None:
        self.broken += 1


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def outbox(reader: Reader) -> Iterator[Outbox]:
    outbox = Outbox(reader.write_end, reader.on_gone)
    outbox.open("r")
    return outbox


def test_events_of_each_request_are_numbered_by_themselves(outbox: Outbox, reader: Reader) -> None:
    outbox.open("s")
    for request in ("r", "s", "r"):
        assert outbox.send(request, TextDelta("é"))
    sent = [(event.request_id, event.seq) for event in reader.events()]
    assert sent == [("r", 0), ("s", 0), ("r", 1)]


@pytest.mark.parametrize(
    "end",
    [lambda box: box.stop("r"), lambda box: box.fail("r", GONE), lambda box: box.send("r", TurnFinished("stopped"))],
)
def test_nothing_leaves_after_the_end(outbox: Outbox, reader: Reader, end: Callable[[Outbox], object]) -> None:
    end(outbox)
    assert not outbox.is_open("r")
    assert not outbox.send("r", TextDelta("late"))
    outbox.stop("r")
    outbox.fail("r", GONE)
    assert len(reader.events()) == 1


def test_a_failure_says_what_the_error_said(outbox: Outbox, reader: Reader) -> None:
    outbox.fail("r", GONE)
    assert reader.events() == [EngineFailed("media.missing", "It is gone.", "Look for it.", True, request_id="r")]


def test_an_id_in_use_is_refused_without_ending_its_request(outbox: Outbox, reader: Reader) -> None:
    with pytest.raises(RequestError, match="'r'"):
        outbox.open("r")
    outbox.refuse("r", GONE)
    outbox.refuse("new", GONE)
    assert outbox.is_open("r")
    assert [event.request_id for event in reader.events()] == ["", "new"]


def test_an_id_may_come_again_after_its_end(outbox: Outbox, reader: Reader) -> None:
    outbox.stop("r")
    outbox.open("r")
    outbox.send("r", PromptProgress(1, 2))
    assert [event.seq for event in reader.events()] == [0, 0]


def test_lines_of_many_threads_stay_whole_and_one_end_wins(outbox: Outbox, reader: Reader) -> None:
    def talk(number: int) -> None:
        for _ in range(50):
            outbox.send("r", TextDelta("x" * number * 40))
        outbox.stop("r")

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(8)]
    heard: list[Event] = []
    listener = threading.Thread(target=lambda: heard.extend(_read_all(reader.descriptor)))
    for thread in [listener, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    os.close(reader.write_end)
    listener.join()
    assert [event.seq for event in heard] == list(range(len(heard)))
    assert [isinstance(event, TurnFinished) for event in heard] == [False] * (len(heard) - 1) + [True]


def test_it_tells_when_nobody_reads(outbox: Outbox, reader: Reader) -> None:
    os.close(reader.descriptor)
    outbox.send("r", TextDelta("unheard"))
    assert reader.broken == 1
    os.close(reader.write_end)


def _read_all(descriptor: int) -> list[Event]:
    with open(descriptor, encoding="ascii") as pipe:
        return list(read_events(pipe))
