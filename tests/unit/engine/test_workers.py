"""Workers: what becomes of requests when no worker can be started, or when nobody waits any more."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.engine.workers import Workers
from mlx_gemma4.protocol.cost import MediaBudgets
from mlx_gemma4.protocol.events import EngineFailed, Event, MediaProbed, TurnFinished
from mlx_gemma4.protocol.requests import ProbeMedia
from mlx_gemma4.protocol.wire import read_events


class Bench:
    """Workers with an outbox of its own."""

    def __init__(self, folder: Path) -> None:
        descriptor, write_end = os.pipe()
        self._lines = open(descriptor, encoding="ascii")  # noqa: SIM115
        self._write_end = write_end
        self.outbox = Outbox(write_end, lambda: None)
        self.workers = Workers(self.outbox, folder, MediaBudgets)

    def start(self, name: str, file: Path) -> None:
        self.outbox.open(name)
        self.workers.start(ProbeMedia(name, str(file)))

    def next(self) -> Event:
        return next(read_events([self._lines.readline()]))

    def wait_for_threads(self) -> None:
        for thread in threading.enumerate():
            if thread.name.endswith(("(_work)", "(_have_one_ready)")):
                thread.join()

    def close(self) -> None:
        self.wait_for_threads()
        self.workers.close()
        os.close(self._write_end)
        self._lines.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def test_without_a_process_the_request_fails_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture_file: Path
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    bench = Bench(tmp_path)
    bench.start("a", picture_file)
    failed = bench.next()
    assert isinstance(failed, EngineFailed) and failed.code == "engine.worker" and "No such file" in failed.message
    bench.close()


def test_requests_that_wait_for_a_worker_can_be_stopped(bench: Bench, huge: Path, picture_file: Path) -> None:
    for name in ("one", "two", "three", "four"):
        bench.start(name, huge)
    bench.start("last", picture_file)
    for name in ("three", "one", "two", "four"):
        bench.outbox.stop(name)
        bench.workers.abandon(name)
    heard = [bench.next() for _ in range(5)]
    assert [event.request_id for event in heard] == ["three", "one", "two", "four", "last"]
    assert [type(event) for event in heard] == [TurnFinished] * 4 + [MediaProbed]


def test_a_look_that_nobody_waits_for_leaves_no_files(bench: Bench, tmp_path: Path, picture_file: Path) -> None:
    bench.start("first", picture_file)
    bench.next()
    kept = set(tmp_path.iterdir())
    bench.start("dropped", picture_file)
    bench.outbox.stop("dropped")  # its worker goes on and answers
    bench.wait_for_threads()
    assert set(tmp_path.iterdir()) == kept
