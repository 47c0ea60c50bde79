"""The engine as a real process with the bundled model, and what is needed to watch it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

import pytest

from app.engine_link.process_client import ENGINE, ProcessClient
from mlx_gemma4.protocol.events import Event, ModelReady, Terminal
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask, Load, Request, Stop

TERMINAL = get_args(Terminal)
ROOT = Path(__file__).parents[3]
PATIENCE = 60.0


class LiveEngine:
    """An engine process and all that it has said.

    Attributes:
        client: the way to it.
        heard: events with the moment at which they came.
        exit_code: None while it runs.
    """

    def __init__(self, command: Sequence[str] = ENGINE) -> None:
        self.client = ProcessClient(command)
        self.heard: list[tuple[float, Event]] = []
        self.exit_code: int | None = None
        self._changed = threading.Condition()
        self.client.start(self._deliver, self._exited)

    @property
    def pid(self) -> int:
        assert self.client.pid is not None
        return self.client.pid

    def send(self, *requests: Request) -> None:
        for request in requests:
            self.client.send(request)

    def load(self, path: str = "tour") -> ModelReady:
        """Load a model and wait for it."""
        self.send(Load("load", path))
        ready = self.end_of("load")[1]
        assert isinstance(ready, ModelReady), ready
        return ready

    def stop(self, request_id: str) -> None:
        self.send(Stop("stop", request_id))

    def events(self, request_id: str) -> list[Event]:
        with self._changed:
            return [event for _, event in self.heard if event.request_id == request_id]

    def wait_for(self, fits: Callable[[Event], bool]) -> tuple[float, Event]:
        """The first event that fits and when it came, waiting for it if need be."""
        with self._changed:
            found = self._changed.wait_for(lambda: self._first(fits) or self.exit_code is not None, PATIENCE)
            assert found, "nothing came"
            first = self._first(fits)
        assert first is not None, f"the engine ended with {self.exit_code}"
        return first

    def end_of(self, request_id: str) -> tuple[float, Event]:
        """The terminal event of a request and when it came."""
        return self.wait_for(lambda event: event.request_id == request_id and isinstance(event, TERMINAL))

    def wait_for_exit(self) -> int:
        with self._changed:
            assert self._changed.wait_for(lambda: self.exit_code is not None, PATIENCE), "it has not ended"
        assert self.exit_code is not None
        return self.exit_code

    def _first(self, fits: Callable[[Event], bool]) -> tuple[float, Event] | None:
        return next((item for item in self.heard if fits(item[1])), None)

    def _deliver(self, event: Event) -> None:
        with self._changed:
            self.heard.append((time.monotonic(), event))
            self._changed.notify_all()

    def _exited(self, code: int) -> None:
        with self._changed:
            self.exit_code = code
            self._changed.notify_all()


def picture_question(request_id: str, *pictures: Path, max_tokens: int = 512) -> Ask:
    """Find everything in these pictures."""
    parts = (*(ImagePart(str(picture)) for picture in pictures), TextPart("Detect all objects."))
    return Ask(request_id, (Message("user", parts),), sampling=GREEDY, max_tokens=max_tokens)


def long_question(request_id: str, words: int = 4000) -> Ask:
    """A prompt that takes a while to read."""
    return Ask(request_id, (Message("user", (TextPart("a red star " * (words // 3)),)),), sampling=GREEDY)


def require_tour() -> None:
    """Leave out tests of the bundled model where it is not."""
    if not (ROOT / "resources" / "tour" / "model.safetensors").is_file():
        pytest.skip("the bundled model is not in this checkout")


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and only waits to be collected does not.

    A process that was killed stays uncollectable until the last of its threads is gone, though its first one says "Z".
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if sys.platform == "linux":
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            return state != "Z" or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
        except FileNotFoundError:
            return False
    return True


def wait_until_gone(pid: int, seconds: float) -> bool:
    """Whether a process has ended within this time."""
    deadline = time.monotonic() + seconds
    while is_running(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
