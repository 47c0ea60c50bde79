"""A model that nobody asks is let go, and comes back with the next question."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.actions import resting
from app.actions.resting import Resting
from app.state.engine_status import EngineState
from app.state.preferences import Preferences
from app.state.turn import TurnStatus
from mlx_gemma4.protocol.care import Unload
from mlx_gemma4.protocol.requests import Load
from tests.unit.app.scripted import Rig


@pytest.fixture(autouse=True)
def started(rig: Rig) -> None:
    """Start the engine."""
    rig.actions.engine.start()


@pytest.fixture
def preferences(monkeypatch: pytest.MonkeyPatch) -> Preferences:
    """A minute is over in a moment, which is long enough for a busy machine to be awake in between."""
    monkeypatch.setattr(resting, "MINUTE_MS", 200)
    preferences = Preferences()
    preferences.idle_minutes = 1
    return preferences


def test_after_a_while_without_questions_it_is_unloaded_and_the_next_one_loads_it(
    rig: Rig, qtbot: QtBot, preferences: Preferences
) -> None:
    keeper = Resting(rig.session, rig.bridge, preferences)
    status = rig.session.engine
    qtbot.waitUntil(lambda: status.state is EngineState.UNLOADED)
    assert status.loaded_path == ""
    rig.actions.conversation.ask("Are you there?")
    turn = rig.session.conversation.turns[-1]
    assert turn.question == "Are you there?"
    qtbot.waitUntil(lambda: turn.status is TurnStatus.DONE)
    assert sum(isinstance(request, Load) for request in rig.client.requests) == 2
    assert status.loaded_path == "tour"
    del keeper


def test_what_is_being_written_keeps_it_awake(rig: Rig, qtbot: QtBot, preferences: Preferences) -> None:
    keeper = Resting(rig.session, rig.bridge, preferences)
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    for _ in range(8):
        qtbot.wait(40)
        rig.session.draft.text += "x"
    assert rig.session.engine.state is EngineState.READY
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.UNLOADED)
    del keeper


def test_never_means_never_and_is_heard_at_once(rig: Rig, qtbot: QtBot, preferences: Preferences) -> None:
    keeper = Resting(rig.session, rig.bridge, preferences)
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    preferences.idle_minutes = 0
    qtbot.wait(450)
    assert not any(isinstance(request, Unload) for request in rig.client.requests)
    preferences.idle_minutes = 1
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.UNLOADED)
    del keeper


def test_a_servers_model_holds_nothing_that_could_be_let_go(rig: Rig, qtbot: QtBot, preferences: Preferences) -> None:
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    rig.session.engine.host = "localhost:1234"
    keeper = Resting(rig.session, rig.bridge, preferences)
    rig.session.draft.text = "x"
    qtbot.wait(450)
    assert not any(isinstance(request, Unload) for request in rig.client.requests)
    del keeper
