"""Connecting to servers and using their models, over an engine that follows a script."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.actions.engine import TOUR
from app.engine_link.scripted_client import Timed
from app.state.engine_status import EngineState
from app.state.servers import ServerStatus
from app.store.chosen_model import read_chosen
from app.store.servers import FILE, read_servers
from mlx_gemma4.protocol.events import EngineFailed, ModelLoading, ServerListed, TextDelta, TurnFinished
from mlx_gemma4.protocol.requests import ListServer, Load, LoadRemote, Stop
from mlx_gemma4.protocol.server_events import ServedModel
from tests.unit.app.scripted import READY, Rig

URL = "http://localhost:1234/v1"
PATH = f"{URL}#google/gemma-4-e4b-it"
MODELS = (ServedModel("google/gemma-4-e4b-it", True), ServedModel("other"))
REFUSED = EngineFailed("remote.refused", "Nothing listens at localhost:1234.", "Start it.", True)


def serve(request: ListServer | LoadRemote) -> Iterable[Timed]:
    if isinstance(request, ListServer):
        return [(0.0, ServerListed(URL, MODELS))]
    path = f"{request.address}#{request.model}"
    return [
        (0.0, ModelLoading(path)),
        (0.0, replace(READY, path=path, name=request.model, bits=0, host="localhost:1234")),
    ]


def away(request: ListServer | LoadRemote) -> Iterable[Timed]:
    loading = ModelLoading(f"{request.address}#{request.model}") if isinstance(request, LoadRemote) else None
    return [*([(0.0, loading)] if loading else []), (0.0, REFUSED)]


@pytest.fixture
def rig(rig: Rig, qtbot: QtBot) -> Rig:
    rig.serve = serve
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    return rig


def connect(rig: Rig, qtbot: QtBot, key: str = "sk-1") -> None:
    rig.actions.servers.connect_action.trigger()
    rig.actions.servers.connect_to("localhost:1234", key)
    qtbot.waitUntil(lambda: len(rig.session.servers.items) == 1)


def use(rig: Rig, qtbot: QtBot) -> None:
    rig.actions.servers.use(rig.session.servers.items[0], MODELS[0].name)
    qtbot.waitUntil(lambda: rig.session.engine.loaded_path == PATH)


def sent(rig: Rig, kind: type) -> list:
    return [request for request in rig.client.requests if isinstance(request, kind)]


def notices(rig: Rig) -> list[str]:
    return [notice.text for notice in rig.session.notices.items]


def test_connecting_lists_remembers_and_keeps_the_key_in_the_safe(rig: Rig, qtbot: QtBot) -> None:
    connect(rig, qtbot)
    (server,) = rig.session.servers.items
    assert server.status is ServerStatus.ONLINE and server.models == MODELS and not rig.session.servers.form_open
    assert [(address.url, anyway) for address, anyway in read_servers(rig.home)] == [(URL, False)]
    qtbot.waitUntil(lambda: rig.secrets == {f"server {URL}": "sk-1"})
    assert "sk-1" not in (rig.home / FILE).read_text()


def test_using_a_servers_model_keeps_the_conversation_and_says_where_words_go(rig: Rig, qtbot: QtBot) -> None:
    rig.actions.conversation.ask("Here")
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    connect(rig, qtbot)
    use(rig, qtbot)
    assert rig.session.engine.host == "localhost:1234" and read_chosen(rig.home) == PATH
    assert sent(rig, LoadRemote)[0].key == "sk-1"
    rig.actions.conversation.ask("There")
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    assert [turn.question for turn in rig.session.conversation.turns] == ["Here", "There"]
    assert len(rig.asks()[-1].messages) == 3
    rig.actions.models.use(TOUR)
    qtbot.waitUntil(lambda: rig.session.engine.loaded_path == TOUR)
    assert not rig.session.engine.host


def test_the_next_start_reads_the_key_and_connects(rig: Rig, qtbot: QtBot) -> None:
    connect(rig, qtbot)
    use(rig, qtbot)
    later = Rig(secrets={f"server {URL}": "sk-1"}, kept_home=rig.home)
    later.serve = serve
    later.actions.engine.start()
    qtbot.waitUntil(lambda: later.session.engine.loaded_path == PATH)
    assert sent(later, LoadRemote)[0].key == "sk-1" and not sent(later, Load)
    assert [server.address.url for server in later.session.servers.items] == [URL]
    later.close()


def test_a_server_that_is_away_at_the_start_is_not_forgotten(rig: Rig, qtbot: QtBot) -> None:
    connect(rig, qtbot)
    use(rig, qtbot)
    later = Rig(kept_home=rig.home)
    later.serve = away
    later.actions.engine.start()
    qtbot.waitUntil(lambda: later.session.engine.loaded_path == TOUR)
    assert read_chosen(rig.home) == PATH and "Nothing listens at localhost:1234. Start it." in notices(later)
    later.serve = serve
    later.actions.run("models.try_again")
    qtbot.waitUntil(lambda: later.session.engine.loaded_path == PATH)
    assert not notices(later)
    later.close()


@pytest.mark.parametrize("text", ["", "ftp://here", "http://a b", "https://me:secret@host", "://", "http://"])
def test_what_is_no_address_gets_a_sentence(rig: Rig, text: str) -> None:
    rig.actions.servers.connect_to(text, "")
    assert rig.session.servers.problem.endswith(".") and not sent(rig, ListServer)
    assert "secret" not in rig.session.servers.problem


def test_a_server_that_does_not_answer_is_not_remembered(rig: Rig, qtbot: QtBot) -> None:
    rig.serve = away
    rig.actions.servers.connect_action.trigger()
    rig.actions.servers.connect_to("localhost:1234", "k")
    qtbot.waitUntil(lambda: bool(rig.session.servers.problem))
    assert rig.session.servers.form_open and not rig.session.servers.items and not (rig.home / FILE).exists()
    assert not rig.session.servers.can_go_anyway


def test_an_unencrypted_stranger_needs_a_second_word(rig: Rig, qtbot: QtBot) -> None:
    wary = EngineFailed("remote.unencrypted", "Everything could be read.", "Use https.", True)
    rig.serve = lambda request: serve(request) if request.anyway else [(0.0, wary)]
    rig.actions.servers.connect_to("http://example.org", "")
    qtbot.waitUntil(lambda: rig.session.servers.can_go_anyway)
    rig.actions.servers.connect_to("http://example.org", "", anyway=True)
    qtbot.waitUntil(lambda: len(rig.session.servers.items) == 1)
    rig.actions.servers.use(rig.session.servers.items[0], "other")
    qtbot.waitUntil(lambda: bool(sent(rig, LoadRemote)))
    assert sent(rig, LoadRemote)[0].anyway and read_servers(rig.home)[0][1]


def test_closing_the_form_ends_the_question(rig: Rig, qtbot: QtBot) -> None:
    rig.serve = lambda request: ()
    rig.actions.servers.connect_action.trigger()
    rig.actions.servers.connect_to("localhost:1234", "")
    assert rig.session.servers.asking
    rig.actions.models.close_sheet()
    assert not rig.session.servers.form_open and not rig.session.servers.asking
    assert [stop.request_id for stop in sent(rig, Stop)] == [sent(rig, ListServer)[-1].id]


def test_opening_the_sheet_shows_which_servers_are_away(rig: Rig, qtbot: QtBot) -> None:
    connect(rig, qtbot)
    rig.actions.models.close_sheet()
    rig.serve = away
    rig.actions.models.show.trigger()
    (server,) = rig.session.servers.items
    qtbot.waitUntil(lambda: server.status is ServerStatus.OFFLINE)
    assert "Nothing listens" in server.problem and server.models == MODELS


def test_an_answer_that_breaks_off_shows_it_and_the_next_word_takes_it_back(rig: Rig, qtbot: QtBot) -> None:
    connect(rig, qtbot)
    use(rig, qtbot)
    cut = EngineFailed("remote.cut", "The connection was lost.", "Ask again.", True)
    rig.answer = lambda ask: [(0.0, TextDelta("It is ")), (0.0, cut)]
    rig.actions.conversation.ask("?")
    qtbot.waitUntil(lambda: rig.session.engine.offline)
    assert rig.session.conversation.turns[-1].text == "It is " and rig.session.engine.can_answer
    rig.answer = lambda ask: [(0.0, TextDelta("Here.")), (0.0, TurnFinished("end_of_turn"))]
    rig.actions.conversation.ask("?")
    qtbot.waitUntil(lambda: rig.session.conversation.idle)
    assert not rig.session.engine.offline


def test_forgetting_a_server_forgets_its_key_and_goes_on_here(rig: Rig, qtbot: QtBot) -> None:
    connect(rig, qtbot)
    use(rig, qtbot)
    rig.actions.servers.forget(rig.session.servers.items[0])
    qtbot.waitUntil(lambda: rig.session.engine.loaded_path == TOUR)
    qtbot.waitUntil(lambda: rig.secrets == {f"server {URL}": ""})
    assert not rig.session.servers.items and not read_servers(rig.home)


def test_without_a_safe_the_key_is_known_until_the_end(rig: Rig, qtbot: QtBot) -> None:
    rig.has_safe = False
    connect(rig, qtbot)
    qtbot.waitUntil(lambda: any("Keychain" in text for text in notices(rig)))
    use(rig, qtbot)
    assert sent(rig, LoadRemote)[0].key == "sk-1"


def test_another_choice_while_the_safe_is_asked_counts(rig: Rig, qtbot: QtBot) -> None:
    rig.session.servers.items = ()
    rig.actions.engine.use(PATH)  # its key has to be read first
    rig.actions.engine.use(TOUR)
    qtbot.wait(100)
    assert not sent(rig, LoadRemote)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"servers": 3}', '{"servers": [1, {"url": 2}, {"url": "no way"}]}'])
def test_a_file_of_servers_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert read_servers(tmp_path) == []
