"""A conversation that was kept, as state again; in steps, so that a long one never holds the window up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.actions.messages import told_of
from app.page.answers import page_in
from app.state.attachments import Attachment, AttachmentStatus, Region
from app.state.hearing import recall
from app.state.page import PageAsk, PageProject, PageVersion, VersionStatus
from app.state.transcript import Transcript
from app.state.turn import Turn, TurnError, TurnStatus
from app.store.keeper import FACTS, TRANSCRIBE
from app.store.records import StoredConversation, StoredFile, StoredPage, StoredTurn
from app.words import tr
from mlx_gemma4.protocol.json_values import Json, JsonObject

CUT_OFF = tr("Prism ended while this was being written.")


@dataclass
class Recalled:
    """What has been built so far; `turns` stand behind those that they follow."""

    turns: list[Turn] = field(default_factory=list)
    pages: list[PageProject] = field(default_factory=list)


def recall_conversation(stored: StoredConversation, into: Recalled) -> Iterator[None]:
    """Build files, pages and turns; the caller decides when to take the next step."""
    files: dict[int, Attachment] = {}
    for file in sorted(stored.files, key=lambda file: "region" in file.facts):  # parts behind what they are parts of
        files[file.key] = _file(file, files)
    versions: dict[int, PageVersion] = {}
    for page in stored.pages:
        if page.screenshot in files:
            into.pages.append(_page(page, files[page.screenshot], versions))
            yield
    turns: dict[int, Turn] = {}
    for record in stored.turns:
        turn = _turn(record, files, versions)
        turn.before = None if record.before is None else turns.get(record.before)
        turns[record.key] = turn
        into.turns.append(turn)
        told_of(turn)  # now, or the first question would have to wait for all of them
        yield


def _file(stored: StoredFile, others: dict[int, Attachment]) -> Attachment:
    """As it was when it was last looked at; its pictures come when somebody wants to see them."""
    file = Attachment(stored.path, name=stored.name, region=_region(stored.facts.get("region"), others))
    file.key = stored.key
    for fact in FACTS:
        value = _tuples(stored.facts.get(fact))
        if isinstance(value, type(getattr(file, fact))):
            setattr(file, fact, value)
    refused = stored.facts.get("status") == AttachmentStatus.REFUSED.value
    file.status = AttachmentStatus.REFUSED if refused else AttachmentStatus.READY
    return file


def _region(stored: Json, others: dict[int, Attachment]) -> Region | None:
    """What a part was cut from; one whose picture is not there any more is a picture like any other."""
    if not isinstance(stored, dict):
        return None
    key, sheet, box = stored.get("of"), stored.get("sheet"), stored.get("box")
    if (
        not isinstance(key, int)
        or key not in others
        or not isinstance(sheet, int)
        or not isinstance(box, list)
        or len(box) != 4
    ):
        return None
    top, left, bottom, right = (float(edge) if isinstance(edge, int | float) else 0.0 for edge in box)
    return Region(others[key], sheet, (top, left, bottom, right))


def _tuples(value: Json) -> object:
    """JSON's lists as what they were."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _page(stored: StoredPage, screenshot: Attachment, versions: dict[int, PageVersion]) -> PageProject:
    page = PageProject(screenshot)
    page.key = stored.key
    page.pictures = stored.pictures
    for record in stored.versions:
        version = PageVersion(record.title, None if record.made_from is None else versions.get(record.made_from))
        version.key = record.key
        version.html, version.problem = record.html, record.problem
        written = record.status != VersionStatus.WRITING.value
        version.status = VersionStatus(record.status) if written else VersionStatus.CUT_OFF
        versions[record.key] = version
        page.add(version, show=record.key == stored.current or page.current is None)
    return page


def _turn(record: StoredTurn, files: dict[int, Attachment], versions: dict[int, PageVersion]) -> Turn:
    attachments = tuple(files[key] for key in record.attachments if key in files)
    writes_down = attachments and (record.page_ask or {}).get("what") == TRANSCRIBE
    ask = None if writes_down else _ask(record.page_ask, files, versions)
    turn = Turn(record.question, attachments, ask, Transcript() if writes_down else None)
    turn.key = record.key
    turn.completes = bool((record.settings or {}).get("completes"))
    turn.files = tuple(files[key] for key in record.files if key in files) or attachments
    turn.version = None if record.version is None else versions.get(record.version)
    error = None if record.error is None else TurnError(**{name: str(text) for name, text in record.error.items()})
    recall(turn, record.events, TurnStatus(record.status), error, files)
    if turn.version is not None and not turn.version.html:
        _find_html(turn, turn.version)
    return turn


def _find_html(turn: Turn, version: PageVersion) -> None:
    """A page that a crash cut off is as far as its answer."""
    page = page_in(turn.text, turn.blocks)
    if page is not None:
        version.html, version.status = page.html, VersionStatus.CUT_OFF
        version.problem = version.problem or CUT_OFF
    else:
        version.status = VersionStatus.FAILED


def _ask(stored: JsonObject | None, files: dict[int, Attachment], versions: dict[int, PageVersion]) -> PageAsk | None:
    if stored is None:
        return None
    what, screenshot = stored.get("what"), stored.get("screenshot")
    if what not in ("make", "fix", "change") or not isinstance(screenshot, int) or screenshot not in files:
        return None
    before = stored.get("before")
    start = versions.get(before) if isinstance(before, int) else None
    if what != "make" and start is None:
        return None
    return PageAsk(what, files[screenshot], start, str(stored.get("element", "")), str(stored.get("wish", "")))
