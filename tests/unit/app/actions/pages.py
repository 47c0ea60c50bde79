"""Answers that write pages, and a rig in which they are made."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from pytestqt.qtbot import QtBot

from app.actions.page_pictures import FIND_PICTURES_FOR_TOUR
from app.engine_link.scripted_client import Timed
from app.state.engine_status import EngineState
from app.state.page import PageProject, PageVersion, VersionStatus
from mlx_gemma4.protocol.events import BoxFound, TextDelta, TurnFinished
from mlx_gemma4.protocol.parts import TextPart
from mlx_gemma4.protocol.requests import Ask, ComparePages
from tests.unit.app.scripted import Rig, compared

HTML = "<!doctype html>\n<html><body><h1>Title</h1></body></html>"
PICTURED = HTML.replace("</h1>", '</h1><img src="photo.jpg" width="200" height="150">')
END = TurnFinished("end_of_turn")
_numbers = count(1)


def says(*pieces: str, end: TurnFinished | None = END, each: float = 0.0) -> list[Timed]:
    """An answer in pieces, `each` so many seconds after the one before; without `end` it never ends."""
    words: list[Timed] = [(each * index, TextDelta(piece)) for index, piece in enumerate(pieces)]
    return words if end is None else [*words, (each * len(pieces), end)]


def page(html: str = HTML, before: str = "") -> list[Timed]:
    """A whole page as a model answers."""
    return says(f"{before}```html\n", *html.splitlines(keepends=True), "\n```\n")


def fix() -> list[Timed]:
    """A corrected page, each time another."""
    return page(HTML.replace("Title", f"Title {next(_numbers)}"), "- The gap is 8px; it should be 16px.\n\n")


def words_of(ask: Ask) -> str:
    """What is said in the last question."""
    return "".join(part.text for part in ask.messages[-1].parts if isinstance(part, TextPart))


def answers(ask: Ask) -> Iterable[Timed]:
    """What a willing model answers: no pictures found, a page, or a corrected page."""
    if words_of(ask) == FIND_PICTURES_FOR_TOUR:
        return says("None.")
    return fix() if "```html" in words_of(ask) else page()


def one_picture(ask: Ask) -> Iterable[Timed]:
    """Likewise, and there is a picture on the screenshot, for which the page leaves room."""
    if words_of(ask) == FIND_PICTURES_FOR_TOUR:
        return [(0.0, BoxFound((125, 78, 437, 390), "picture")), (0.0, END)]
    return page(PICTURED)


class Figures:
    """Gives these fidelities in turn, and the last one for ever."""

    def __init__(self, *figures: float) -> None:
        self._figures = list(figures)
        self._known: dict[str, float] = {}

    def __call__(self, request: ComparePages) -> list[Timed]:
        """The same picture has the same figure."""
        name = request.rendering.rpartition("-")[2]
        if name not in self._known:
            self._known[name] = self._figures.pop(0) if len(self._figures) > 1 else self._figures[0]
        return [(0.0, compared(self._known[name]))]


def ready(rig: Rig, qtbot: QtBot) -> None:
    """The model is loaded."""
    rig.actions.engine.start()
    qtbot.waitUntil(lambda: rig.session.engine.state is EngineState.READY)


def make(rig: Rig, qtbot: QtBot, picture: str) -> PageProject:
    """A page is begun from an attached picture."""
    rig.actions.attachments.add_files([picture])
    rig.actions.page.make.trigger()
    project = rig.session.stage.page
    assert project is not None
    return project


def made(rig: Rig, qtbot: QtBot, picture: str) -> tuple[PageProject, PageVersion]:
    """A page is made and all of it settled."""
    project = make(rig, qtbot, picture)
    version = project.versions[-1]
    qtbot.waitUntil(lambda: version.status is not VersionStatus.WRITING)
    settle(rig, qtbot)
    return project, version


def settle(rig: Rig, qtbot: QtBot) -> None:
    """Nothing is asked, rendered or compared any more."""
    session, client = rig.session, rig.client

    def at_rest() -> bool:
        return session.conversation.idle and session.engine.state is EngineState.READY and not rig.renderer.under_way

    while True:
        qtbot.waitUntil(at_rest)
        sent, rendered = len(client.requests), len(rig.renderer.pages)
        qtbot.wait(60)
        if at_rest() and (sent, rendered) == (len(client.requests), len(rig.renderer.pages)):
            return
