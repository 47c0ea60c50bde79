"""Logos and photos of a screenshot, looked for beside the conversation and put into its page."""

from collections.abc import Iterable

import pytest
from pytestqt.qtbot import QtBot

from app.actions.page_pictures import FIND_PICTURES_FOR_TOUR, LOOKING
from app.engine_link.scripted_client import Timed
from app.page.sizes import PHONE
from app.state.engine_status import EngineState
from app.state.turn import TurnStatus
from mlx_gemma4.protocol.page_requests import PAGE_BUDGET
from mlx_gemma4.protocol.parts import ImagePart, TextPart
from mlx_gemma4.protocol.requests import Ask, Stop
from tests.unit.app.actions.pages import PICTURED, answers, made, make, one_picture, page, ready, says, settle, words_of
from tests.unit.app.scripted import Rig


@pytest.fixture
def rig(rig: Rig, qtbot: QtBot) -> Rig:
    """The model is there, and writes pages."""
    rig.answer = answers
    ready(rig, qtbot)
    return rig


def test_logos_and_photos_are_asked_for_quietly_and_put_in(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = one_picture
    project, version = made(rig, qtbot, picture)
    assert project.pictures == ((125, 78, 437, 390),)
    assert len(rig.session.conversation.turns) == 1 and len(rig.asks()) == 2
    assert rig.asks()[1].messages[0].parts == (ImagePart(picture, PAGE_BUDGET), TextPart(FIND_PICTURES_FOR_TOUR))
    assert 'src="data:image/png;base64,' in version.safe_html and "data:" not in version.html
    assert rig.renderer.pages[-1][0] == version.safe_html and version.fidelity is not None
    rig.actions.page.make.trigger()
    settle(rig, qtbot)
    assert len(rig.asks()) == 3  # a screenshot has its pictures once and for all
    assert project.current is not version and project.current is not None
    assert project.current.safe_html == version.safe_html
    project.width = "phone"
    qtbot.waitUntil(lambda: project.preview is not None)
    assert rig.renderer.pages[-1] == (version.safe_html, PHONE)


def test_pictures_are_not_asked_for_where_the_page_has_no_room_for_any(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, _ = made(rig, qtbot, picture)
    assert len(rig.asks()) == 1
    rig.answer = one_picture
    rig.actions.page.edit(project, PICTURED)
    settle(rig, qtbot)
    assert len(rig.asks()) == 2 and "data:image" in project.versions[1].safe_html


def test_what_the_person_asks_goes_before_looking_for_pictures(rig: Rig, qtbot: QtBot, picture: str) -> None:
    def script(ask: Ask) -> Iterable[Timed]:
        return says("None.", end=None) if len(rig.asks()) == 2 else one_picture(ask)

    rig.answer = script
    project = make(rig, qtbot, picture)
    qtbot.waitUntil(lambda: len(rig.asks()) == 2)
    assert rig.session.engine.state is EngineState.BUSY and rig.session.engine.errand == LOOKING
    rig.actions.conversation.ask("What is this?")
    settle(rig, qtbot)
    asked = [words_of(ask) for ask in rig.asks()]
    assert asked[1:] == [FIND_PICTURES_FOR_TOUR, "What is this?", FIND_PICTURES_FOR_TOUR]
    assert project.pictures and rig.session.conversation.turns[1].status is TurnStatus.DONE
    assert rig.session.engine.errand == ""


def test_a_new_conversation_stops_looking_for_pictures(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = lambda ask: page(PICTURED) if len(rig.asks()) == 1 else says("None.", end=None)
    make(rig, qtbot, picture)
    qtbot.waitUntil(lambda: len(rig.asks()) == 2)
    rig.actions.conversation.new.trigger()
    assert [request.request_id for request in rig.client.requests if isinstance(request, Stop)] == [rig.asks()[1].id]
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)


def test_an_engine_that_dies_while_pictures_are_looked_for_is_asked_again(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = lambda ask: page(PICTURED) if len(rig.asks()) == 1 else says("None.", end=None)
    project = make(rig, qtbot, picture)
    qtbot.waitUntil(lambda: len(rig.asks()) == 2)
    rig.client.exit(-9)
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.GONE)
    rig.answer = one_picture
    rig.actions.engine.start_again()
    settle(rig, qtbot)
    assert rig.session.engine.errand == ""
    assert project.pictures == ()  # nothing is asked behind the person's back after a loss
    rig.actions.page.fix.trigger()
    settle(rig, qtbot)
    assert project.pictures and "data:image" in project.versions[1].safe_html
