"""Process client: lines of a child process, whole, cut off or broken, and how it ends; the children are tiny."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.engine_link.process_client import ProcessClient
from mlx_gemma4.protocol.events import Event, TextDelta
from mlx_gemma4.protocol.requests import Load, Stop

PRELUDE = """
import sys, time, os
from mlx_gemma4.protocol.events import TextDelta
from mlx_gemma4.protocol.wire import to_line
def say(text): sys.stdout.write(to_line(TextDelta(text))); sys.stdout.flush()
"""
ECHO = "for line in sys.stdin: say(line)"


class Child:
    """A child process and what it has said."""

    def __init__(self, program: str) -> None:
        self.heard: list[Event] = []
        self.code: int | None = None
        self.ended = threading.Event()
        self.client = ProcessClient([sys.executable, "-c", PRELUDE + textwrap.dedent(program)])
        self.start()

    def start(self) -> None:
        self.ended.clear()
        self.client.start(self.heard.append, self._exited)

    def texts(self) -> list[str]:
        return [event.text for event in self.heard if isinstance(event, TextDelta)]

    def wait_for(self, count: int) -> list[str]:
        deadline = time.monotonic() + 20
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.texts()

    def _exited(self, code: int) -> None:
        self.code = code
        self.ended.set()


@pytest.fixture
def run() -> Iterator[Callable[[str], Child]]:
    children: list[Child] = []

    def start(program: str) -> Child:
        children.append(Child(program))
        return children[-1]

    yield start
    for child in children:
        child.client.close()


def test_requests_go_in_and_events_come_out(run: Callable[[str], Child]) -> None:
    child = run(ECHO)
    child.client.send(Load("a", "tour"))
    child.client.send(Stop("b", "a"))
    first, second = child.wait_for(2)
    assert '"type":"Load"' in first and '"type":"Stop"' in second


def test_closing_the_input_ends_it_and_is_no_news(run: Callable[[str], Child]) -> None:
    child = run(ECHO + "\nsay('last words')")
    child.client.close()
    assert child.client.pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.client.pid, 0)
    assert child.code is None


def test_one_that_does_not_end_is_killed(run: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine_link.process_client._PATIENCE_SECONDS", 0.1)
    child = run("say('here'); time.sleep(60)")
    child.wait_for(1)
    began = time.monotonic()
    child.client.close()
    assert time.monotonic() - began < 5


def test_its_exit_code_comes_after_its_last_words(run: Callable[[str], Child]) -> None:
    child = run("for number in range(200): say(str(number))\nsys.exit(3)")
    assert child.ended.wait(20)
    assert child.code == 3
    assert child.texts() == [str(number) for number in range(200)]


def test_a_line_that_was_cut_off_is_dropped(run: Callable[[str], Child]) -> None:
    child = run(
        "say('whole'); sys.stdout.write(to_line(TextDelta('cut'))[:-1]); sys.stdout.flush(); os.kill(os.getpid(), 9)"
    )
    assert child.ended.wait(20)
    assert (child.texts(), child.code) == (["whole"], -signal.SIGKILL)


def test_one_that_does_not_speak_the_language_is_ended(
    run: Callable[[str], Child], capfd: pytest.CaptureFixture[str]
) -> None:
    child = run("say('good'); print('Loading weights...', flush=True); time.sleep(60)")
    assert child.ended.wait(20)
    assert (child.texts(), child.code) == (["good"], -signal.SIGKILL)
    assert "Loading weights" in capfd.readouterr().err


def test_it_can_be_started_again_after_its_end(run: Callable[[str], Child]) -> None:
    child = run("say(sys.stdin.readline())")
    child.client.send(Load("first", "tour"))
    assert child.ended.wait(20)
    child.client.send(Load("lost", "tour"))
    child.start()
    child.client.send(Load("second", "tour"))
    assert '"id":"second"' in child.wait_for(2)[1]


def test_sending_never_waits_for_a_child_that_does_not_read(run: Callable[[str], Child]) -> None:
    child = run("say('here'); time.sleep(60)")
    child.wait_for(1)
    began = time.monotonic()
    for _ in range(50):
        child.client.send(Load("a", "x" * 100_000))
    assert time.monotonic() - began < 0.5
    assert child.client.pid is not None
    os.kill(child.client.pid, signal.SIGKILL)
    assert child.ended.wait(20)


def test_a_program_that_is_not_there_has_ended_before_it_began(capsys: pytest.CaptureFixture[str]) -> None:
    codes: list[int] = []
    client = ProcessClient(["/nowhere/prism"])
    client.start(lambda _: None, codes.append)
    client.close()
    assert codes == [127]
    assert "cannot be started" in capsys.readouterr().err
