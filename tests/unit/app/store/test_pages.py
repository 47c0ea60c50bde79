"""Pages that were made from screenshots are there again with all their versions."""

from __future__ import annotations

from app.state.page import PageElement, PageProject, VersionStatus
from app.state.turn import TurnStatus
from mlx_gemma4.protocol.events import TextDelta, TurnFinished
from tests.unit.app.scripted import Rig
from tests.unit.app.store.keeping import Keeping

HTML = "<!doctype html><html><body><h1>Title</h1></body></html>"


def writes(html: str) -> list:
    """An answer that is this page."""
    return [(0.0, TextDelta(f"```html\n{html}\n```\n")), (0.0, TurnFinished("end_of_turn"))]


def look(project: PageProject) -> list[tuple]:
    """What there is of it."""
    return [
        (version.title, version.html, version.status, version.problem, version.made_from and version.made_from.title)
        for version in project.versions
    ]


def made(keeping: Keeping, picture: str) -> Rig:
    """A page from a screenshot, changed once by asking and once by hand."""
    rig = keeping.begin(lambda ask: writes(HTML))
    rig.actions.page.make_from_file(picture)
    keeping.wait(lambda: rig.session.conversation.idle)
    project = rig.session.stage.page
    assert project is not None and project.current is not None
    rig.answer = lambda ask: writes(HTML.replace("Title", "Red"))
    rig.actions.page.select_element(project, PageElement("h1", "<h1>Title</h1>", (0, 0, 10, 10)))
    rig.actions.page.ask_change(project, "Make it red")
    keeping.wait(lambda: rig.session.conversation.idle)
    rig.actions.page.edit(project, HTML.replace("Title", "Mine"))
    return rig


def test_all_versions_come_back_with_where_they_came_from(keeping: Keeping, picture: str) -> None:
    rig = made(keeping, picture)
    before = rig.session.stage.page
    assert before is not None and len(before.versions) == 3
    kept, current = look(before), before.current
    assert current is not None
    rig = keeping.again(rig)
    first, change = rig.session.conversation.turns
    rig.session.stage.show(change)
    project = rig.session.stage.page
    assert project is not None and look(project) == kept
    assert project.current is not None and project.current.title == current.title
    assert [turn.version and turn.version.title for turn in (first, change)] == ["first", "change 1"]
    assert change.page_ask is not None and change.page_ask.before is first.version
    assert rig.session.library.entries[0].kind == "page"
    shown = project.current
    keeping.wait(lambda: shown.rendering is not None and shown.fidelity is not None)


def test_a_page_that_came_back_is_made_again_beside_the_first(keeping: Keeping, picture: str) -> None:
    rig = keeping.again(made(keeping, picture), lambda ask: writes(HTML.replace("Title", "Again")))
    first = rig.session.conversation.turns[0]
    rig.actions.conversation.retry_turn(first)
    keeping.wait(lambda: rig.session.conversation.idle)
    (again,) = rig.session.conversation.turns
    assert again.version is not None and again.version.title == "first 2" and "Again" in again.version.html
    rig = keeping.again(rig)
    (turn,) = rig.session.conversation.turns
    assert turn.version is not None and "Again" in turn.version.html
    assert len(rig.session.stage.pages) == 1 and len(rig.session.stage.pages[0].versions) == 4


def test_a_page_that_was_cut_off_by_a_crash_is_as_far_as_it_was_written(keeping: Keeping, picture: str) -> None:
    half = "```html\n<!doctype html><html><body><h1>Half a"
    rig = keeping.begin(lambda ask: [(0.0, TextDelta(half)), (60.0, TurnFinished("end_of_turn"))])
    rig.actions.page.make_from_file(picture)
    keeping.wait(lambda: "Half" in rig.session.conversation.turns[0].text)
    assert rig.store is not None
    rig.actions.library._flush()
    other = keeping.begin()  # the first one is still open: nobody has said goodbye
    (turn,) = other.session.conversation.turns
    assert turn.status is TurnStatus.STOPPED and turn.version is not None
    assert turn.version.status is VersionStatus.CUT_OFF and "<h1>Half a" in turn.version.html
