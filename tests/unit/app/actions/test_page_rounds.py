"""Rounds of correction over a scripted engine and renderer."""

from collections.abc import Iterable

import pytest
from pytestqt.qtbot import QtBot

from app.engine_link.scripted_client import Timed
from app.state.engine_status import EngineState
from app.state.page import MOST_ROUNDS, PageProject, VersionStatus
from mlx_gemma4.protocol.page_requests import FIX_PAGE, PAGE_BUDGET
from mlx_gemma4.protocol.parts import ImagePart
from mlx_gemma4.protocol.requests import Ask
from tests.unit.app.actions.pages import (
    HTML,
    Figures,
    answers,
    fix,
    made,
    make,
    one_picture,
    ready,
    says,
    settle,
    words_of,
)
from tests.unit.app.scripted import Rig


@pytest.fixture
def rig(rig: Rig, qtbot: QtBot) -> Rig:
    """The model is there, and writes pages."""
    rig.answer = answers
    ready(rig, qtbot)
    return rig


def titles(project: PageProject) -> list[str]:
    return [version.title for version in project.versions]


def instead_of_a_fix(*answer: Timed) -> object:
    """Pages as always, and this where a fix is asked for."""

    def script(ask: Ask) -> Iterable[Timed]:
        return list(answer) if "```html" in words_of(ask) else answers(ask)

    return script


def test_a_fix_lists_the_faults_and_then_corrects_them(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = Figures(0.5, 0.6)
    project, first = made(rig, qtbot, picture)
    rig.actions.page.fix.trigger()
    assert project.rounds == 1 and not rig.session.conversation.idle
    settle(rig, qtbot)
    fixed = project.versions[1]
    assert (fixed.title, fixed.made_from, fixed.status) == ("fix 1", first, VersionStatus.READY)
    assert fixed.faults == ("The gap is 8px; it should be 16px.",)
    assert project.current is fixed and project.remark == "One round: from 50.0 % to 60.0 %."
    assert project.rounds == project.round == 0 and rig.session.conversation.idle
    ask = rig.asks()[-1]
    assert first.rendering is not None and len(ask.messages) == 1
    pictures = (picture, first.rendering.picture)
    assert ask.messages[0].parts[:2] == tuple(ImagePart(path, PAGE_BUDGET) for path in pictures)
    assert words_of(ask) == f"```html\n{HTML}\n```\n{FIX_PAGE}"


def test_rounds_go_on_while_the_number_rises(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = Figures(0.5, 0.6, 0.7, 0.8)
    project, _ = made(rig, qtbot, picture)
    rig.actions.page.fix_rounds(project, 3)
    settle(rig, qtbot)
    assert titles(project) == ["first", "fix 1", "fix 2", "fix 3"] and project.current is project.versions[3]
    assert [version.made_from for version in project.versions[1:]] == project.versions[:3]
    assert project.remark == "3 rounds: from 50.0 % to 80.0 %."
    questions = [turn.question for turn in rig.session.conversation.turns]
    assert questions == ["Make page", *(f"Fix what differs: round {number} of 3" for number in (1, 2, 3))]


def test_an_engine_that_never_improves_ends_it_after_one_round(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = Figures(0.5)
    project, first = made(rig, qtbot, picture)
    rig.actions.page.fix_rounds(project, 5)
    settle(rig, qtbot)
    assert titles(project) == ["first", "fix 1"]
    assert project.current is first and project.remark.startswith("Round 1 came no nearer")


def test_the_best_version_is_shown_when_a_later_one_is_worse(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = Figures(0.5, 0.7, 0.6, 0.9)
    project, _ = made(rig, qtbot, picture)
    rig.actions.page.fix_rounds(project, 5)
    settle(rig, qtbot)
    assert titles(project) == ["first", "fix 1", "fix 2"] and project.current is project.versions[1]


def test_rounds_can_begin_from_any_version(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = Figures(0.5, 0.6, 0.7)
    project, first = made(rig, qtbot, picture)
    rig.actions.page.fix_rounds(project, 1)
    settle(rig, qtbot)
    rig.actions.page.show_version(project, first)
    rig.actions.page.fix_rounds(project, 1)
    settle(rig, qtbot)
    assert titles(project) == ["first", "fix 1", "fix 2"] and project.versions[2].made_from is first


def test_there_are_at_most_five_rounds(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = Figures(*(0.1 * number for number in range(1, 10)))
    project, _ = made(rig, qtbot, picture)
    rig.actions.page.fix_rounds(project, 50)
    settle(rig, qtbot)
    assert len(project.versions) == 1 + MOST_ROUNDS


def test_stop_in_the_middle_of_a_round_keeps_what_there_is(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, first = made(rig, qtbot, picture)
    rig.answer = lambda ask: says("- Too dark.\n```html\n<html>half", end=None)
    rig.actions.page.fix_rounds(project, 3)
    qtbot.waitUntil(lambda: len(project.versions) == 2 and "half" in project.versions[1].html)
    assert project.versions[1].faults == ("Too dark.",) and project.round == 1
    rig.actions.conversation.stop.trigger()
    settle(rig, qtbot)
    half = project.versions[1]
    assert (half.status, half.html) == (VersionStatus.CUT_OFF, "<html>half") and half.rendering is not None
    assert project.current is first and titles(project) == ["first", "fix 1"]
    assert project.remark == "Stopped in round 1. The best page so far is shown."


def test_a_round_that_is_over_before_it_can_be_stopped_is_the_last(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = Figures(0.5, 0.6, 0.7)
    project, _ = made(rig, qtbot, picture)
    rig.actions.page.fix_rounds(project, 3)
    rig.session.conversation.goes_on = False  # and the answer ends by itself
    settle(rig, qtbot)
    assert titles(project) == ["first", "fix 1"] and project.versions[1].status is VersionStatus.READY
    assert project.rounds == 0 and project.remark.startswith("Stopped in round 1.")


def test_stop_between_two_rounds_ends_them(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, _ = made(rig, qtbot, picture)
    rig.compare = lambda request: ()  # for ever
    rig.actions.page.fix_rounds(project, 3)
    qtbot.waitUntil(lambda: len(project.versions) == 2 and project.versions[1].rendering is not None)
    qtbot.waitUntil(lambda: rig.session.conversation.running is None)
    stop = rig.actions.conversation.stop
    assert stop.enabled and not rig.actions.conversation.send.enabled and not rig.actions.page.make.enabled
    rig.actions.conversation.ask("May I?")
    assert len(rig.session.conversation.turns) == 2
    stop.trigger()
    assert rig.session.conversation.idle and project.rounds == 0 and not stop.enabled
    assert project.remark == "Stopped after round 1. The best page so far is shown."


def test_stop_while_the_first_version_is_measured_ends_them(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = lambda request: ()
    project = make(rig, qtbot, picture)
    qtbot.waitUntil(lambda: project.versions[0].rendering is not None and rig.session.conversation.idle)
    rig.actions.page.fix_rounds(project, 3)
    assert project.rounds == 3
    rig.actions.conversation.stop.trigger()
    assert project.rounds == 0 and project.current is project.versions[0]
    assert project.remark == "Stopped before the first round. The best page so far is shown."


def test_a_round_without_html_ends_them_with_the_version_before_it(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = instead_of_a_fix(*says("Nothing differs."))  # type: ignore[assignment]
    project, first = made(rig, qtbot, picture)
    rig.actions.page.fix_rounds(project, 3)
    settle(rig, qtbot)
    assert project.versions[1].status is VersionStatus.FAILED and project.current is first
    assert project.remark == "The answer is not HTML. The best page so far is shown."


def test_an_engine_that_dies_in_a_round_leaves_the_best_version(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, first = made(rig, qtbot, picture)
    rig.answer = lambda ask: says("```html\n<html>half", end=None)
    rig.actions.page.fix_rounds(project, 3)
    qtbot.waitUntil(lambda: len(project.versions) == 2 and "half" in project.versions[1].html)
    rig.client.exit(-9)
    qtbot.waitUntil(lambda: project.rounds == 0)
    assert project.current is first and "engine stopped" in project.remark
    assert rig.session.engine.state is EngineState.GONE and rig.session.conversation.idle


def test_a_fix_after_the_loss_of_the_engine_starts_another_and_measures_first(
    rig: Rig, qtbot: QtBot, picture: str
) -> None:
    rig.answer = lambda ask: says("```html\n<html>half", end=None)
    rig.compare = Figures(0.5, 0.6)
    project = make(rig, qtbot, picture)
    qtbot.waitUntil(lambda: "half" in project.versions[0].html)
    rig.client.exit(-9)
    qtbot.waitUntil(lambda: bool(project.versions[0].rendering) and rig.session.conversation.idle)
    qtbot.wait(50)
    assert project.versions[0].fidelity is None
    rig.answer = answers
    rig.actions.page.fix.trigger()
    settle(rig, qtbot)
    assert rig.client.starts == 2 and project.remark == "One round: from 50.0 % to 60.0 %."


def test_an_engine_that_dies_between_two_rounds_ends_them(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, first = made(rig, qtbot, picture)
    rig.compare = lambda request: ()
    rig.actions.page.fix_rounds(project, 3)
    qtbot.waitUntil(lambda: len(project.versions) == 2 and project.versions[1].rendering is not None)
    qtbot.waitUntil(lambda: rig.session.conversation.running is None)
    rig.client.exit(-9)
    qtbot.waitUntil(lambda: project.rounds == 0)
    assert project.current is first and "could not be measured" in project.remark


def test_rounds_wait_for_the_pictures_of_the_page(rig: Rig, qtbot: QtBot, picture: str) -> None:
    def slowly(ask: Ask) -> Iterable[Timed]:
        return [(0.15, event) for _, event in one_picture(ask)] if len(rig.asks()) == 2 else one_picture(ask)

    rig.answer = slowly
    rig.compare = Figures(0.5, 0.55, 0.6)
    project = make(rig, qtbot, picture)
    qtbot.waitUntil(lambda: len(rig.asks()) == 2)
    rig.answer = lambda ask: slowly(ask) if len(rig.asks()) == 2 else fix()
    rig.actions.page.fix_rounds(project, 1)
    assert len(rig.session.conversation.turns) == 1
    settle(rig, qtbot)
    first, fixed = project.versions
    assert project.current is fixed and project.remark == "One round: from 55.0 % to 60.0 %."
    assert "data:image" in first.safe_html and fixed.made_from is first


def test_a_new_conversation_ends_rounds(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, _ = made(rig, qtbot, picture)
    rig.answer = lambda ask: says("```html\n<html>half", end=None)
    rig.actions.page.fix_rounds(project, 3)
    qtbot.waitUntil(lambda: len(project.versions) == 2 and "half" in project.versions[1].html)
    rig.actions.conversation.new.trigger()
    assert rig.session.conversation.idle and rig.session.conversation.turns == []
    rig.answer = answers
    settle(rig, qtbot)
    assert len(made(rig, qtbot, picture)[0].versions) == 1
