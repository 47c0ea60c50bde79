"""A scripted server and a backend that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mlx_gemma4.engine.remote.connection import Patience
from mlx_gemma4.engine.remote.loading import RemoteModel, connect
from mlx_gemma4.protocol.events import Event
from mlx_gemma4.protocol.parts import Message, Part, TextPart
from mlx_gemma4.protocol.requests import Ask, LoadRemote
from tests.unit.engine.served import MODEL, ScriptedServer, serving

SHORT = Patience(connect=3.0, listing=3.0, first=1.5, between=1.5)
"""Long enough for an answer on a machine that is busy with other things."""


@pytest.fixture
def server() -> ScriptedServer:
    """What the server says."""
    return ScriptedServer()


@pytest.fixture
def address(server: ScriptedServer) -> Iterator[str]:
    """Where it says so."""
    with serving(server) as address:
        yield address


@pytest.fixture
def model(server: ScriptedServer, address: str) -> Iterator[RemoteModel]:
    """Its one model, asked without much patience."""
    model = connect(LoadRemote("load", address, MODEL, server.key), SHORT)
    yield model
    model.engine.forget()


def question(*parts: Part | str, **more: object) -> Ask:
    """A question of a person."""
    content = tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
    return Ask("ask", (Message("user", content),), **more)  # type: ignore[arg-type]


@pytest.fixture
def ask(model: RemoteModel) -> Callable[..., list[Event]]:
    """Asks, and returns everything that comes."""
    return lambda *parts, **more: list(model.engine.ask(question(*(parts or ("Hello",)), **more)))
