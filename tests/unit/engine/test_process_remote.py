"""The engine's process with a server behind it: the same requests, the same events, and nothing of MLX."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlx_gemma4.protocol.events import EngineFailed, MediaProbed, ModelReady, TextDelta, TurnFinished
from mlx_gemma4.protocol.requests import Ask, ListServer, LoadRemote, ProbeMedia, Stop
from mlx_gemma4.protocol.server_events import ServedModel, ServerListed
from tests.unit.engine.live_engine import LiveEngine, picture_question
from tests.unit.engine.remote.conftest import question
from tests.unit.engine.served import DONE, MODEL, Pause, ScriptedServer, said, serving


@pytest.fixture
def engine() -> Iterator[LiveEngine]:
    engine = LiveEngine()
    yield engine
    engine.client.close()


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer()


def asked(request_id: str) -> Ask:
    request = question("Hello")
    return Ask(request_id, request.messages)


def has_mlx(engine: LiveEngine) -> bool:
    return "/mlx/" in Path(f"/proc/{engine.pid}/maps").read_text()


def test_a_question_is_answered_without_mlx(engine: LiveEngine, server: ScriptedServer, picture_file: Path) -> None:
    with serving(server) as address:
        engine.send(ListServer("list", address), LoadRemote("load", address, MODEL), asked("ask"))
        ready = engine.end_of("load")[1]
        assert isinstance(ready, ModelReady) and (ready.path, ready.host) == (f"{address}#{MODEL}", address[7:-3])
        assert engine.end_of("list")[1] == ServerListed(address, (ServedModel(MODEL),), request_id="list")
        assert isinstance(engine.end_of("ask")[1], TurnFinished)
        assert [event.text for event in engine.events("ask") if isinstance(event, TextDelta)] == ["Hello."]
        engine.send(ProbeMedia("probe", str(picture_file)), picture_question("see", picture_file))
        assert isinstance(engine.end_of("see")[1], TurnFinished)
        assert isinstance(engine.end_of("probe")[1], MediaProbed)
        assert not has_mlx(engine)


def test_stop_is_heard_within_200_ms(engine: LiveEngine, server: ScriptedServer) -> None:
    with serving(server) as address:
        engine.send(LoadRemote("load", address, MODEL))
        assert isinstance(engine.end_of("load")[1], ModelReady)
        server.always(Pause(30))
        engine.send(asked("ask"))
        time.sleep(0.5)
        began = time.monotonic()
        engine.send(Stop("stop", "ask"))
        moment, end = engine.end_of("ask")
        assert isinstance(end, TurnFinished) and end.reason == "stopped" and moment - began < 0.2
        assert server.left.wait(1)
        server.always(*said("Next."), DONE)
        engine.send(asked("next"))
        assert isinstance(engine.end_of("next")[1], TurnFinished)


def test_switching_between_a_server_and_a_model_here(engine: LiveEngine, server: ScriptedServer) -> None:
    ready = engine.load()
    with serving(server) as address:
        engine.send(LoadRemote("there", address, MODEL), asked("one"))
        assert isinstance(engine.end_of("one")[1], TurnFinished) and len(server.asked) == 1
    engine.send(LoadRemote("gone", address, MODEL), asked("two"))  # the server has died
    for name in ("gone", "two"):
        failed = engine.end_of(name)[1]
        assert isinstance(failed, EngineFailed) and failed.code == "remote.refused" and failed.recoverable
    engine.client.send(LoadRemote("bad", "http://8.8.8.8", MODEL))
    failed = engine.end_of("bad")[1]
    assert isinstance(failed, EngineFailed) and failed.code == "remote.unencrypted"
    engine.heard.clear()
    assert engine.load() == ready
    engine.send(asked("three"))
    assert isinstance(engine.end_of("three")[1], TurnFinished) and len(server.asked) == 1
