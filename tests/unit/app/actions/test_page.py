"""Making a page, and what can go wrong with it, over a scripted engine and renderer."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.actions.page_pictures import FIND_PICTURES
from app.actions.page_writing import EMPTY, LONGEST_REACHED, NO_HTML, STOPPED, STOPPED_EARLY
from app.page.render import PageSize
from app.state.engine_status import EngineState
from app.state.page import PageElement, VersionStatus
from app.state.turn import TurnStatus
from mlx_gemma4.protocol.events import EngineFailed, MediaProbed, TurnFinished
from mlx_gemma4.protocol.page_requests import IN_FULL, LONGEST_PAGE, MAKE_PAGE, PAGE_BUDGET
from mlx_gemma4.protocol.parts import ImagePart, TextPart
from mlx_gemma4.protocol.requests import Ask, ComparePages
from tests.unit.app.actions.pages import (
    HTML,
    Figures,
    answers,
    made,
    make,
    one_picture,
    ready,
    says,
    settle,
)
from tests.unit.app.scripted import Rig


@pytest.fixture
def rig(rig: Rig, qtbot: QtBot) -> Rig:
    """The model is there, and writes pages."""
    rig.answer = answers
    ready(rig, qtbot)
    return rig


def test_an_attached_picture_becomes_a_page_on_the_stage(rig: Rig, qtbot: QtBot, picture: str) -> None:
    assert not rig.actions.page.make.enabled
    project, version = made(rig, qtbot, picture)
    assert rig.session.stage.tab == "page" and rig.session.stage.page is project and rig.session.stage.is_open
    assert project.versions == [version] and project.current is version
    assert (version.title, version.status, version.html) == ("first", VersionStatus.READY, HTML)
    assert version.rendering is not None and (version.rendering.width, version.rendering.height) == (640, 480)
    assert version.fidelity is not None and version.fidelity.fidelity == 0.5
    turn = rig.session.conversation.turns[0]
    assert (turn.question, turn.version, turn.attachments[0].path) == ("Make page", version, picture)
    assert rig.session.attachments.items == []


def test_what_is_asked_is_one_message_without_the_conversation(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.actions.conversation.ask("Hello?")
    settle(rig, qtbot)
    made(rig, qtbot, picture)
    ask = rig.asks()[1]
    assert ask.messages[0].parts == (ImagePart(picture, PAGE_BUDGET), TextPart(MAKE_PAGE)) and len(ask.messages) == 1
    assert ask.max_tokens == Ask.max_tokens and ask.sampling.temperature == 0


def test_models_other_than_the_tour_model_are_told_in_full(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = one_picture
    rig.session.engine.model_path = "/models/E4B"
    made(rig, qtbot, picture)
    assert rig.asks()[0].messages[0].parts[-1] == TextPart(f"{MAKE_PAGE} {IN_FULL}")
    assert rig.asks()[0].max_tokens == LONGEST_PAGE
    assert rig.asks()[1].messages[0].parts[-1] == TextPart(FIND_PICTURES)


def test_the_page_is_rendered_while_it_streams(rig: Rig, qtbot: QtBot, picture: str) -> None:
    lines = [f"<p>line {number}</p>\n" for number in range(60)]
    rig.answer = lambda ask: says("```html\n<html>\n", *lines, "```", each=0.02)
    project = make(rig, qtbot, picture)
    version = project.versions[0]
    qtbot.waitUntil(lambda: version.rendering is not None)
    assert version.status is VersionStatus.WRITING and version.html.startswith("<html>\n<p>line 0")
    assert "```" not in version.html and version.fidelity is None
    settle(rig, qtbot)
    lengths = [len(html) for html, _ in rig.renderer.pages]
    assert lengths == sorted(lengths) and 3 <= len(lengths) <= 10
    assert sum(isinstance(request, ComparePages) for request in rig.client.requests) == 1
    assert version.fidelity is not None and version.html == "<html>\n" + "".join(lines).strip()


def test_the_renderer_is_started_once_before_there_is_a_page(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = lambda ask: says("Let me see", end=None)
    project = make(rig, qtbot, picture)
    qtbot.waitUntil(lambda: rig.renderer.warm_ups == 1 and len(rig.renderer.discarded) == 1)
    assert rig.renderer.pages == [] and project.versions[0].rendering is None
    rig.actions.conversation.stop.trigger()
    rig.answer = answers
    settle(rig, qtbot)
    rig.actions.page.make.trigger()
    settle(rig, qtbot)
    assert rig.renderer.warm_ups == 1


def test_a_picture_on_the_stage_is_not_attached_again(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.actions.attachments.add_files([picture])
    rig.actions.conversation.ask("What is this?")
    settle(rig, qtbot)
    shown = rig.session.stage.picture
    assert rig.session.stage.page is None and rig.session.stage.tab == "picture" and rig.actions.page.make.enabled
    rig.actions.page.make.trigger()
    settle(rig, qtbot)
    assert rig.session.conversation.turns[1].attachments == () and rig.session.stage.picture is shown
    assert rig.session.stage.page is not None and rig.session.stage.page.screenshot is shown


def test_the_page_is_there_again_when_its_picture_is(rig: Rig, qtbot: QtBot, picture: str, tmp_path: Path) -> None:
    project, _ = made(rig, qtbot, picture)
    other = tmp_path / "other.png"
    other.write_bytes(Path(picture).read_bytes())
    rig.actions.attachments.add_files([str(other)])
    rig.actions.conversation.ask("And this?")
    settle(rig, qtbot)
    stage = rig.session.stage
    assert stage.page is None and stage.tab == "picture" and not rig.actions.page.save.enabled
    stage.show(rig.session.conversation.turns[0])
    assert stage.page is project and stage.tab == "page" and rig.actions.page.save.enabled


@pytest.mark.parametrize(
    ("text", "reason", "problem"),
    [
        ("", "end_of_turn", EMPTY),
        ("I see a page with a title.", "end_of_turn", NO_HTML),
        ("```css\nbody {}\n```", "end_of_turn", NO_HTML),
        ("```html\n", "max_tokens", NO_HTML),
    ],
)
def test_an_answer_without_html_is_said_to_be_none(
    rig: Rig, qtbot: QtBot, picture: str, text: str, reason: str, problem: str
) -> None:
    rig.answer = lambda ask: says(text, end=TurnFinished(reason)) if text else [(0.0, TurnFinished("end_of_turn"))]
    project, version = made(rig, qtbot, picture)
    assert (version.status, version.problem, version.html) == (VersionStatus.FAILED, problem, "")
    assert project.current is version and not rig.renderer.pages
    page_actions = rig.actions.page
    assert page_actions.make.enabled and not page_actions.save.enabled and not page_actions.fix.enabled
    rig.answer = answers
    page_actions.make.trigger()
    settle(rig, qtbot)
    assert project.current is not version and project.current is not None
    assert (project.current.title, project.current.status) == ("first 2", VersionStatus.READY)


def test_html_without_fences_and_html_that_is_broken_are_pages(rig: Rig, qtbot: QtBot, picture: str) -> None:
    for html in ("<!DOCTYPE html><html><p>No fence</p></html>", "<html><div><b>Broken<table></p>"):
        rig.answer = lambda ask, html=html: says(html)
        version = made(rig, qtbot, picture)[1]
        assert (version.status, version.html) == (VersionStatus.READY, html) and version.fidelity is not None


@pytest.mark.parametrize("reason", ["max_tokens", "loop"])
def test_an_answer_that_is_too_long_is_cut_off_and_used(rig: Rig, qtbot: QtBot, picture: str, reason: str) -> None:
    rig.answer = lambda ask: says("```html\n<html><p>half", end=TurnFinished(reason))  # type: ignore[arg-type]
    version = made(rig, qtbot, picture)[1]
    assert version.status is VersionStatus.CUT_OFF and version.html == "<html><p>half" and version.rendering is not None
    assert "not complete" in version.problem and (version.problem == LONGEST_REACHED) == (reason == "max_tokens")


def test_stop_in_the_middle_of_the_code_keeps_what_there_is(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = lambda ask: says("```html\n<html><p>ha", "lf", end=None)
    project = make(rig, qtbot, picture)
    version = project.versions[0]
    qtbot.waitUntil(lambda: version.html == "<html><p>half")
    rig.actions.conversation.stop.trigger()
    settle(rig, qtbot)
    assert (version.status, version.problem) == (VersionStatus.CUT_OFF, STOPPED)
    assert version.rendering is not None and version.fidelity is not None
    assert rig.actions.page.save.enabled and rig.actions.page.fix.enabled
    assert len(rig.asks()) == 1  # nobody looks for pictures in half a page


def test_stop_before_any_html_says_so(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = lambda ask: says("Let me see", end=None)
    version = make(rig, qtbot, picture).versions[0]
    qtbot.waitUntil(lambda: rig.session.conversation.turns[0].status is TurnStatus.ANSWERING)
    rig.actions.conversation.stop.trigger()
    qtbot.waitUntil(lambda: version.status is VersionStatus.FAILED)
    assert version.problem == STOPPED_EARLY


def test_an_engine_that_dies_in_the_middle_of_the_code_leaves_what_there_is(
    rig: Rig, qtbot: QtBot, picture: str
) -> None:
    rig.answer = lambda ask: says("```html\n<html><p>half", end=None)
    version = make(rig, qtbot, picture).versions[0]
    qtbot.waitUntil(lambda: "half" in version.html)
    rig.client.exit(-9)
    qtbot.waitUntil(lambda: version.status is VersionStatus.CUT_OFF)
    assert version.problem == "The engine stopped before this answer was complete."
    qtbot.waitUntil(lambda: version.rendering is not None)
    assert version.html == "<html><p>half" and rig.actions.page.copy_html.enabled
    rig.answer = answers
    rig.actions.engine.start_again()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)
    rig.actions.page.fix.trigger()
    settle(rig, qtbot)
    project = rig.session.stage.page
    assert project is not None and [version.title for version in project.versions] == ["first", "fix 1"]
    assert version.fidelity is not None  # measured before it was corrected


def test_an_engine_that_dies_while_it_compares_leaves_the_page(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = lambda request: ()
    version = make(rig, qtbot, picture).versions[0]
    qtbot.waitUntil(lambda: isinstance(rig.client.requests[-1], ComparePages))
    rig.client.exit(-9)
    qtbot.waitUntil(lambda: bool(version.problem))
    assert "could not be compared" in version.problem and version.status is VersionStatus.READY


def test_an_engine_that_is_started_again_while_it_compares_is_not_waited_for(
    rig: Rig, qtbot: QtBot, picture: str
) -> None:
    rig.compare = lambda request: ()
    project = make(rig, qtbot, picture)
    version = project.versions[0]
    qtbot.waitUntil(lambda: isinstance(rig.client.requests[-1], ComparePages))
    rig.actions.engine.start_again()
    assert "could not be compared" in version.problem
    rig.compare = Figures(0.4, 0.5)
    settle(rig, qtbot)
    rig.actions.page.fix.trigger()
    settle(rig, qtbot)
    assert project.current is project.versions[1]


def test_a_page_that_is_cut_off_by_the_renderer_says_so(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.renderer.notice = "The page grows without end; its beginning is shown."
    version = made(rig, qtbot, picture)[1]
    assert version.problem == rig.renderer.notice and version.fidelity is not None


def test_a_screenshot_that_is_very_high_is_rendered_at_its_size(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project = make(rig, qtbot, picture)
    project.screenshot.request_id = "probe-high"
    rig.session.apply(MediaProbed("picture", 2400, 12_000, 280, picture, picture, request_id="probe-high"))
    settle(rig, qtbot)
    assert {size for _, size in rig.renderer.pages} == {PageSize(1200, 6000, 2.0)}
    assert project.versions[0].fidelity is not None


def test_a_page_waits_for_its_screenshot_to_be_looked_at(rig: Rig, qtbot: QtBot, picture: str, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.touch()
    rig.actions.page.make_from_file(str(damaged))
    project = rig.session.stage.page
    assert project is not None
    version = project.versions[0]
    qtbot.waitUntil(lambda: bool(version.problem))
    assert "damaged" in version.problem and not rig.renderer.pages


def test_a_new_conversation_does_not_measure_what_is_gone(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.renderer.takes_ms = 60
    make(rig, qtbot, picture)
    qtbot.waitUntil(lambda: rig.renderer.under_way == 1)
    rig.actions.conversation.new.trigger()
    settle(rig, qtbot)
    assert not any(isinstance(request, ComparePages) for request in rig.client.requests)


def test_a_hand_edit_is_a_version_of_what_was_edited(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, first = made(rig, qtbot, picture)
    rig.actions.page.edit(project, HTML)
    assert project.versions == [first]  # nothing was changed
    rig.actions.page.edit(project, "<html>by hand")
    settle(rig, qtbot)
    edit = project.versions[1]
    assert (edit.title, edit.made_from, edit.status) == ("edit 1", first, VersionStatus.READY)
    assert project.current is edit and edit.fidelity is not None and first.html == HTML
    rig.actions.page.edit(project, "<html>an edit of the first", first)
    settle(rig, qtbot)
    assert project.current is edit and project.versions[2].made_from is first
    assert project.versions[2].title == "edit 2" and project.versions[2].rendering is not None


def test_an_element_is_changed_as_the_person_says(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, first = made(rig, qtbot, picture)
    rig.actions.page.ask_change(project, "Make it red")
    assert len(project.versions) == 1  # it is not said what
    rig.actions.page.select_element(project, PageElement("h1", "<h1>Title</h1>", (0, 0, 10, 10)))
    rig.actions.page.ask_change(project, "  ")
    assert len(project.versions) == 1
    rig.actions.page.ask_change(project, " Make it red ")
    settle(rig, qtbot)
    change = project.versions[1]
    assert (change.title, change.made_from, project.current) == ("change 1", first, change)
    assert rig.session.conversation.turns[1].question == "Make it red"
    words = rig.asks()[-1].messages[0].parts[-1]
    assert isinstance(words, TextPart) and HTML in words.text and "<h1>Title</h1>" in words.text
    assert "Make it red" in words.text and project.subject is None


def test_a_change_without_html_leaves_the_version_before_it_on_the_stage(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, first = made(rig, qtbot, picture)
    rig.answer = lambda ask: says("It is red already.")
    rig.actions.page.select_element(project, PageElement("h1", "<h1>Title</h1>", (0, 0, 10, 10)))
    rig.actions.page.ask_change(project, "Make it red")
    settle(rig, qtbot)
    assert project.versions[1].status is VersionStatus.FAILED and project.versions[1].problem == NO_HTML
    assert project.current is first


def test_an_answer_that_is_given_again_writes_a_version_of_its_own(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, first = made(rig, qtbot, picture)
    rig.actions.conversation.retry.trigger()
    settle(rig, qtbot)
    again = project.versions[1]
    assert (again.title, again.status, project.current) == ("first 2", VersionStatus.READY, again)
    assert rig.session.conversation.turns[0].version is again and first.html == HTML


def test_other_widths_are_for_looking_only(rig: Rig, qtbot: QtBot, picture: str) -> None:
    project, version = made(rig, qtbot, picture)
    assert project.preview is None
    project.width = "phone"
    qtbot.waitUntil(lambda: project.preview is not None)
    assert project.preview is not None and project.preview.width == 390
    assert version.rendering is not None and version.rendering.width == 640
    before = project.preview
    rig.actions.page.edit(project, "<html>narrow")
    qtbot.waitUntil(lambda: project.preview is not before)
    project.width = "screenshot"
    assert project.preview is None


def test_a_new_conversation_begins_without_pages(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.answer = lambda ask: says("```html\n<html><p>half", end=None)
    project = make(rig, qtbot, picture)
    qtbot.waitUntil(lambda: bool(project.versions[0].html))
    rig.actions.conversation.new.trigger()
    assert rig.session.stage.page is None and rig.session.stage.tab == "picture"
    rig.answer = answers
    settle(rig, qtbot)
    other, version = made(rig, qtbot, picture)
    assert other is not project and version.title == "first" and len(project.versions) == 1


def test_a_failure_of_comparing_is_told_with_the_page(rig: Rig, qtbot: QtBot, picture: str) -> None:
    rig.compare = lambda request: [(0.0, EngineFailed("media.damaged", "The picture is gone.", "", True))]
    version = made(rig, qtbot, picture)[1]
    assert version.status is VersionStatus.READY and version.fidelity is None
    assert version.problem == "The page could not be compared with its screenshot. The picture is gone."
