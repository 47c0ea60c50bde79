"""Bridge and real engine together: what reaches the window, until a stop and until a kill."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication

from app.engine_link.bridge import EngineBridge
from app.engine_link.process_client import ProcessClient
from mlx_gemma4.protocol.events import BoxFound, EngineFailed, Event, ModelReady, TextDelta, TurnFinished
from mlx_gemma4.protocol.requests import Load
from tests.unit.engine.live_engine import ROOT, picture_question, require_tour

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytest.importorskip("mlx")
STARS = ROOT / "resources" / "samples" / "stars.png"
SECONDS = 60_000


@pytest.fixture
def client() -> ProcessClient:
    return ProcessClient()


@pytest.fixture
def heard(qapp: QCoreApplication) -> list[Event]:
    return []


@pytest.fixture
def bridge(client: ProcessClient, heard: list[Event], qtbot: QtBot) -> Iterator[EngineBridge]:
    require_tour()
    bridge = EngineBridge(client)
    bridge.event_received.connect(heard.append)
    bridge.start()
    bridge.send(Load("load", "tour"))
    qtbot.waitUntil(lambda: bool(heard) and isinstance(heard[-1], ModelReady), timeout=SECONDS)
    yield bridge
    bridge.close()


def of(heard: list[Event], request_id: str) -> list[Event]:
    return [event for event in heard if event.request_id == request_id]


def test_nothing_of_a_stopped_answer_reaches_the_window(bridge: EngineBridge, heard: list[Event], qtbot: QtBot) -> None:
    bridge.send(picture_question("stopped", STARS))
    qtbot.waitUntil(lambda: any(isinstance(event, BoxFound) for event in heard), timeout=SECONDS)
    bridge.stop("stopped")
    bridge.send(picture_question("next", STARS))
    qtbot.waitUntil(lambda: isinstance(heard[-1], TurnFinished) and heard[-1].request_id == "next", timeout=SECONDS)
    ends = [isinstance(event, TurnFinished) for event in of(heard, "stopped")]
    assert ends == [False] * (len(ends) - 1) + [True]
    assert of(heard, "stopped")[-1] == TurnFinished("stopped", seq=of(heard, "stopped")[-1].seq, request_id="stopped")


def test_after_a_kill_what_was_written_stays_and_the_next_engine_answers(
    bridge: EngineBridge, client: ProcessClient, heard: list[Event], qtbot: QtBot
) -> None:
    bridge.send(picture_question("killed", STARS))
    qtbot.waitUntil(lambda: any(isinstance(event, TextDelta) for event in heard), timeout=SECONDS)
    assert client.pid is not None
    with qtbot.waitSignal(bridge.engine_exited, timeout=SECONDS) as exited:
        os.kill(client.pid, signal.SIGKILL)
    assert exited.args == [-signal.SIGKILL]
    end = of(heard, "killed")[-1]
    assert isinstance(end, EngineFailed) and end.code == "engine.gone"
    bridge.start()
    bridge.send(Load("load again", "tour"))
    bridge.send(picture_question("next", STARS))
    qtbot.waitUntil(lambda: isinstance(heard[-1], TurnFinished), timeout=SECONDS)
    assert any(isinstance(event, BoxFound) for event in of(heard, "next"))
