"""Asking from anywhere: what reaches the engine, and what becomes of the conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.actions.quick_ask import QuickAskActions
from app.engine_link.scripted_client import Timed
from app.platform.capture import Captured
from app.state.attachments import AttachmentStatus
from app.state.engine_status import EngineState
from app.state.quick_ask import QuickAsk
from app.state.session import Session
from app.state.turn import TurnStatus
from mlx_gemma4.protocol.events import EngineFailed, PromptProgress, TextDelta
from mlx_gemma4.protocol.requests import Ask, Stop
from tests.unit.app.scripted import ONE_BOX, Rig


class ScriptedCapture:
    """A screen on which the test chooses.

    Attributes:
        is_allowed: what the system says.
        asked: how often it was asked for permission.
        choose: ends the capture that is under way, with a path or nothing.
    """

    def __init__(self) -> None:
        self.is_allowed = True
        self.asked = 0
        self.files: list[Path] = []
        self.choose: Captured | None = None

    def ask_permission(self) -> None:
        self.asked += 1

    def start(self, file: Path, captured: Captured) -> None:
        self.files.append(file)
        self.choose = captured


class QuickRig(Rig):
    """The parts below the panel as well."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.capture = ScriptedCapture()
        self.quick = QuickAsk(self.session.engine)
        self.panel = QuickAskActions(
            self.quick, self.session, self.bridge, self.actions.engine, lambda: self.chosen, self.capture
        )

    @property
    def other(self) -> Session:
        """The panel's session."""
        return self.quick.session

    def ask_quickly(self, text: str) -> None:
        self.other.draft.text = text
        self.panel.conversation.send.trigger()

    def close(self) -> None:
        super().close()
        self.panel.clean_up()


def never(ask: Ask) -> Iterable[Timed]:
    return [(0.0, PromptProgress(1, 2))]


@pytest.fixture
def fresh(qapp: QApplication) -> Iterator[QuickRig]:
    """No engine yet."""
    rig = QuickRig()
    yield rig
    rig.close()


@pytest.fixture
def rig(fresh: QuickRig, qtbot: QtBot) -> QuickRig:
    """The model is there."""
    fresh.actions.engine.start()
    qtbot.waitUntil(lambda: fresh.session.engine.state is EngineState.READY)
    return fresh


def run(rig: QuickRig, qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()))


def test_a_quick_question_is_urgent_and_goes_out_while_another_is_answered(rig: QuickRig, qtbot: QtBot) -> None:
    rig.answer = never
    rig.actions.conversation.ask("Something long")
    run(rig, qtbot, lambda: len(rig.asks()) == 1)
    rig.answer = lambda ask: ONE_BOX
    rig.ask_quickly("Hello")
    run(rig, qtbot, lambda: rig.other.conversation.count and rig.other.conversation.idle)
    slow, quick = rig.asks()
    assert not slow.urgent and quick.urgent
    assert rig.session.engine.state is EngineState.BUSY, "the window's answer still runs"
    assert rig.session.conversation.running is not None
    assert [turn.text for turn in rig.session.conversation.turns] == [""], "and has none of the other's words"
    assert "That is all." in rig.other.conversation.turns[0].text


def test_a_question_asked_while_the_model_loads_waits_for_it(fresh: QuickRig, qtbot: QtBot) -> None:
    fresh.ask_quickly("Hello")
    assert not fresh.asks()
    fresh.actions.engine.start()
    qtbot.waitUntil(lambda: fresh.other.conversation.idle)
    assert [ask.urgent for ask in fresh.asks()] == [True]


def test_both_wait_for_the_model_and_both_are_asked_once(fresh: QuickRig, qtbot: QtBot) -> None:
    fresh.answer = lambda ask: [(0.05 * at, event) for at, (_, event) in enumerate(ONE_BOX)]
    fresh.actions.conversation.ask("One")
    fresh.ask_quickly("Two")
    fresh.actions.engine.start()
    qtbot.waitUntil(lambda: len(fresh.asks()) == 2)
    assert fresh.session.engine.state is EngineState.BUSY
    qtbot.waitUntil(lambda: fresh.other.conversation.idle and fresh.session.conversation.idle)
    assert sorted(ask.urgent for ask in fresh.asks()) == [False, True]
    assert fresh.session.engine.state is EngineState.READY


def test_files_that_are_there_before_the_engine_are_looked_at_by_it(
    fresh: QuickRig, qtbot: QtBot, picture: str
) -> None:
    for attachments in (fresh.actions.attachments, fresh.panel.attachments):
        attachments.add_files([picture])
    fresh.actions.engine.start()
    for session in (fresh.session, fresh.other):
        item = session.attachments.items[0]
        run(fresh, qtbot, lambda item=item: item.status is AttachmentStatus.READY)


def test_closing_stops_the_answer_and_forgets_the_question(rig: QuickRig, qtbot: QtBot, picture: str) -> None:
    rig.answer = never
    rig.panel.toggle.trigger()
    assert rig.quick.is_open
    rig.panel.attachments.add_files([picture])
    rig.ask_quickly("Where?")
    run(rig, qtbot, lambda: rig.asks())
    rig.other.draft.text = "and"
    rig.panel.toggle.trigger()
    assert not rig.quick.is_open
    assert rig.other.conversation.count == 0 and rig.other.draft.text == "" and rig.other.stage.picture is None
    assert [request.request_id for request in rig.client.requests if isinstance(request, Stop)] == [rig.asks()[0].id]


def test_a_region_becomes_a_file_of_the_question(rig: QuickRig, qtbot: QtBot, picture: str) -> None:
    rig.panel.capture.trigger()
    assert rig.quick.is_open and rig.other.attachments.is_capturing and not rig.panel.attachments.capture.enabled
    rig.panel.toggle.trigger()
    assert rig.quick.is_open, "the key does not close what is being waited for"
    assert rig.capture.choose is not None
    Path(rig.capture.files[0]).write_bytes(Path(picture).read_bytes())
    rig.capture.choose(str(rig.capture.files[0]))
    assert not rig.other.attachments.is_capturing and rig.panel.attachments.capture.enabled
    run(rig, qtbot, lambda: rig.other.attachments.items[0].status is AttachmentStatus.READY)
    assert rig.panel.conversation.default_question == "What is in this picture?"


def test_a_region_that_nobody_chose_adds_nothing(rig: QuickRig) -> None:
    rig.panel.attachments.capture.trigger()
    assert rig.capture.choose is not None
    rig.capture.choose("")
    assert rig.other.attachments.count == 0 and not rig.other.attachments.is_capturing
    assert not rig.other.notices.items


def test_without_permission_the_way_to_it_is_offered(rig: QuickRig) -> None:
    rig.capture.is_allowed = False
    rig.panel.attachments.capture.trigger()
    assert rig.capture.choose is None and not rig.other.attachments.is_capturing
    (notice,) = rig.other.notices.items
    assert "Screen Recording" in notice.text
    assert rig.panel.run(notice.action_id) and rig.capture.asked == 1
    assert not rig.panel.run("engine.restart"), "that is the window's"
    rig.capture.is_allowed = True
    rig.panel.attachments.capture.trigger()
    assert not rig.other.notices.items and rig.capture.choose is not None


def test_what_is_kept_stands_behind_the_windows_own(rig: QuickRig, qtbot: QtBot, picture: str) -> None:
    rig.actions.conversation.ask("One")
    run(rig, qtbot, lambda: rig.session.conversation.idle)
    rig.panel.toggle.trigger()
    rig.panel.attachments.add_files([picture])
    rig.ask_quickly("Two")
    run(rig, qtbot, lambda: rig.other.conversation.idle)
    rig.panel.attachments.add_files([picture])
    rig.other.draft.text = "Three"
    with qtbot.waitSignal(rig.panel.window_wanted):
        rig.panel.keep.trigger()
    assert [turn.question for turn in rig.session.conversation.turns] == ["One", "Two"]
    assert rig.session.stage.turn is rig.session.conversation.turns[1] and rig.session.stage.is_open
    assert rig.session.draft.text == "Three" and rig.session.attachments.count == 1
    assert rig.other.conversation.count == 0 and not rig.quick.is_open
    rig.actions.conversation.ask("Three")
    run(rig, qtbot, lambda: rig.session.conversation.idle)
    assert len(rig.asks()[-1].messages) == 5, "later questions know what was kept"


def test_an_answer_that_is_kept_goes_on_in_the_window_and_can_be_stopped_there(rig: QuickRig, qtbot: QtBot) -> None:
    rig.answer = lambda ask: [(0.0, TextDelta("Once ")), (0.1, TextDelta("upon"))]
    rig.ask_quickly("Tell me")
    run(rig, qtbot, lambda: rig.other.conversation.turns[0].text)
    rig.panel.keep.trigger()
    turn = rig.session.conversation.turns[0]
    assert rig.session.conversation.running is turn
    run(rig, qtbot, lambda: turn.text == "Once upon")
    assert not rig.panel.conversation.stop.enabled
    rig.actions.conversation.stop.trigger()
    run(rig, qtbot, lambda: turn.status is TurnStatus.STOPPED)
    assert rig.session.conversation.idle


def test_while_both_are_answered_nothing_is_kept(rig: QuickRig, qtbot: QtBot) -> None:
    rig.answer = never
    rig.actions.conversation.ask("One")
    run(rig, qtbot, lambda: rig.asks())
    assert rig.panel.keep.enabled
    rig.ask_quickly("Two")
    assert not rig.panel.keep.enabled
    rig.actions.conversation.stop.trigger()
    run(rig, qtbot, lambda: rig.panel.keep.enabled)


def test_what_is_kept_beside_a_running_answer_leaves_that_running(rig: QuickRig, qtbot: QtBot) -> None:
    rig.ask_quickly("Two")
    run(rig, qtbot, lambda: rig.other.conversation.idle)
    rig.answer = never
    rig.actions.conversation.ask("One")
    running = rig.session.conversation.running
    rig.panel.keep.trigger()
    assert rig.session.conversation.running is running
    assert [turn.question for turn in rig.session.conversation.turns] == ["One", "Two"]


def test_an_engine_that_is_lost_fails_both_and_looks_at_all_files_again(
    rig: QuickRig, qtbot: QtBot, picture: str
) -> None:
    rig.answer = never
    rig.actions.conversation.ask("One")
    rig.ask_quickly("Two")
    rig.panel.attachments.add_files([picture])
    run(rig, qtbot, lambda: len(rig.asks()) == 2 and rig.other.attachments.items[0].thumbnail)
    rig.client.exit(-9)
    run(rig, qtbot, lambda: rig.other.conversation.idle and rig.session.conversation.idle)
    assert rig.other.conversation.turns[0].status is TurnStatus.FAILED
    assert [notice.action_id for notice in rig.other.notices.items] == ["engine.restart"]
    before = rig.other.attachments.items[0].request_id
    rig.actions.engine.restart.trigger()
    run(rig, qtbot, lambda: rig.session.engine.state is EngineState.READY)
    assert rig.other.attachments.items[0].request_id != before
    assert not rig.other.notices.items and not rig.session.notices.items


def test_a_question_of_the_panel_that_breaks_the_engine_is_said_in_the_panel(rig: QuickRig, qtbot: QtBot) -> None:
    rig.answer = lambda ask: [(0.0, EngineFailed("engine.device", "The model stopped.", "Load it again.", False))]
    rig.ask_quickly("Hello")
    run(rig, qtbot, lambda: rig.other.conversation.idle)
    assert rig.other.notices.items and rig.session.engine.state is EngineState.FAILED
