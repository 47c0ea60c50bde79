"""The engine dies, and is started again."""

from pytestqt.qtbot import QtBot

from app.state.attachments import AttachmentStatus
from app.state.engine_status import EngineState
from app.state.preferences import Preferences
from app.state.session import RESTART_ENGINE
from app.state.turn import Turn, TurnStatus
from mlx_gemma4.protocol.events import TextDelta
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.requests import Load, ProbeMedia
from tests.unit.app.scripted import ONE_BOX, Rig


def die_in_the_middle(rig: Rig, qtbot: QtBot, picture: str) -> Turn:
    rig.answer = lambda _: [(0.0, TextDelta("Once upon"))]
    rig.actions.engine.start()
    rig.actions.attachments.add_files([picture])
    rig.actions.conversation.ask("A story!")
    turn = rig.session.conversation.turns[0]
    qtbot.waitUntil(lambda: turn.text == "Once upon")
    rig.answer = lambda _: ONE_BOX
    rig.client.exit(-9)
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.GONE)
    return turn


def test_what_was_written_stays_and_a_notice_offers_to_restart(rig: Rig, qtbot: QtBot, picture: str) -> None:
    turn = die_in_the_middle(rig, qtbot, picture)
    assert turn.text == "Once upon" and turn.status is TurnStatus.FAILED
    (notice,) = rig.session.notices.items
    assert (notice.action_label, notice.action_id) == ("Restart", RESTART_ENGINE)


def test_restart_looks_at_the_files_again_and_the_next_question_works(rig: Rig, qtbot: QtBot, picture: str) -> None:
    die_in_the_middle(rig, qtbot, picture)
    rig.actions.run(RESTART_ENGINE)
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    assert rig.session.notices.items == () and rig.client.starts == 2
    assert sum(isinstance(request, ProbeMedia) for request in rig.client.requests) == 2
    rig.actions.conversation.ask("Another one!")
    qtbot.waitUntil(lambda: rig.session.conversation.turns[1].status is TurnStatus.DONE)
    assert len(rig.asks()[-1].messages) == 3


def test_asking_restarts_an_engine_that_has_gone(rig: Rig, qtbot: QtBot, picture: str) -> None:
    turn = die_in_the_middle(rig, qtbot, picture)
    rig.actions.conversation.retry.trigger()
    (again,) = rig.session.conversation.turns
    qtbot.waitUntil(lambda: again.status is TurnStatus.DONE)
    assert turn.text and rig.client.starts == 2 and rig.session.notices.items == ()


def test_files_that_are_added_while_there_is_no_engine_are_looked_at_by_the_next(
    rig: Rig, qtbot: QtBot, picture: str
) -> None:
    die_in_the_middle(rig, qtbot, picture)
    rig.actions.attachments.add_files([picture])
    (attachment,) = rig.session.attachments.items
    qtbot.wait(20)
    assert attachment.status is AttachmentStatus.PROBING
    rig.actions.run(RESTART_ENGINE)
    qtbot.waitUntil(lambda: attachment.status is AttachmentStatus.READY)


def test_an_engine_that_dies_while_it_loads_fails_the_question_that_waits(rig: Rig, qtbot: QtBot) -> None:
    rig.loads = False
    rig.actions.engine.start()
    rig.actions.conversation.ask("Anybody?")
    rig.client.exit(1)
    qtbot.waitUntil(lambda: rig.session.conversation.turns[0].status is TurnStatus.FAILED)
    assert rig.session.engine.state is EngineState.GONE and rig.session.conversation.running is None
    rig.loads = True
    rig.actions.conversation.retry.trigger()
    qtbot.waitUntil(lambda: rig.session.conversation.turns[0].status is TurnStatus.DONE)


def test_the_model_is_loaded_first(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.actions.engine.start()
    rig.actions.attachments.add_files([picture])
    assert isinstance(rig.client.requests[0], Load)


def test_each_load_says_how_conversations_are_kept_now(rig: Rig) -> None:
    preferences = Preferences()
    rig.actions.engine.kv_packing = lambda: preferences.kv_packing
    rig.actions.engine.start()
    for bits in ("8", "4", "16"):
        preferences.kv_bits = bits
        rig.actions.engine.use("tour")
    loads = [request for request in rig.client.requests if isinstance(request, Load)]
    assert [load.kv_packing for load in loads] == [None, KVPacking(8), KVPacking(4), None]
