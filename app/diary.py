"""Writes down what happened and when, for those who watch the window from outside: end-to-end tests, measurements."""

from __future__ import annotations

import json
import os
import time
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from app.engine_link.bridge import EngineBridge
from app.platform.log import note
from app.state.attachments import Attachment, AttachmentStatus
from app.state.library import Entry
from app.state.notices import Notice
from app.state.page import PageProject, PageVersion
from app.state.quick_ask import QuickAsk
from app.state.session import Session
from app.state.tools import ToolCall
from app.state.turn import Turn, TurnStatus
from mlx_gemma4.protocol.byte_units import MEMORY_MB
from mlx_gemma4.protocol.events import EngineFailed, Event, ModelReady

VARIABLE = "PRISM_EVENT_LOG"
"""Names the file to write to; without it there is no diary."""


class Diary(QObject):
    """One JSON object a line; `at` counts seconds on the clock that all processes of the machine share.

    Attach it before anything else listens, so that an event is in the diary before the window shows it.
    """

    def __init__(self, path: str, bridge: EngineBridge, session: Session, quick: QuickAsk | None = None) -> None:
        super().__init__(bridge)
        self._file = open(path, "a", buffering=1, encoding="utf-8")  # noqa: SIM115  # open as long as the window is
        self.destroyed.connect(self._file.close)
        bridge.event_received.connect(self._on_event_received)
        bridge.engine_exited.connect(self._on_engine_exited)
        self._follow(session)
        session.stage.page_changed.connect(self._on_page_changed)
        if quick is not None:
            self._follow(quick.session)
            quick.is_open_changed.connect(
                lambda is_open: self._write("quick ask opened" if is_open else "quick ask closed")
            )
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusObjectChanged.connect(self._on_focus_changed)
        session.library.entries_changed.connect(self._on_entries_changed)
        self._listed: dict[int, tuple[str, bool]] = {}
        self._turn: Turn | None = None
        self._pages: set[PageProject] = set()

    def _follow(self, session: Session) -> None:
        session.notices.items_changed.connect(self._on_notices_changed)
        session.attachments.attachment_added.connect(self._on_attachment_added)
        session.conversation.running_changed.connect(self._on_running_changed)

    def _write(self, what: str, **facts: object) -> None:
        self._file.write(json.dumps({"at": time.monotonic(), "what": what, **facts}) + "\n")

    def _on_entries_changed(self, entries: tuple[Entry, ...]) -> None:
        listed = {entry.key: (entry.title, entry.pinned) for entry in entries}
        for key in self._listed.keys() - listed.keys():
            self._write("unlisted", key=key)
        for key, (title, pinned) in listed.items():
            if self._listed.get(key) != (title, pinned):
                self._write("listed", key=key, title=title, pinned=pinned)
        self._listed = listed

    def _on_focus_changed(self, control: QObject | None) -> None:
        if control is not None:
            self._write("keyboard", name=str(control.property("accessibleName") or control.property("text") or ""))

    def _on_event_received(self, event: Event) -> None:
        facts = {"text": f"{event.message} {event.hint}".strip()} if isinstance(event, EngineFailed) else {}
        self._write(type(event).__name__, request_id=event.request_id, **facts)

    def _on_engine_exited(self, code: int) -> None:
        self._write("engine exited", code=code)

    def _on_notices_changed(self, notices: tuple[Notice, ...]) -> None:
        self._write("notices", texts=[notice.text for notice in notices])

    def _on_running_changed(self, turn: Turn | None) -> None:
        if turn is not None and turn is not self._turn:
            self._turn = turn
            self._write("asked", question=turn.question)
            turn.status_changed.connect(partial(self._on_status_changed, turn))
            turn.call_added.connect(self._on_call_added)

    def _on_status_changed(self, turn: Turn, status: TurnStatus) -> None:
        self._write(f"answer {status.value}", question=turn.question, characters=len(turn.text))

    def _on_call_added(self, call: ToolCall) -> None:
        self._write("tool asking", text=call.name)
        call.status_changed.connect(lambda status: self._write(f"tool {status.value}", text=call.name))

    def _on_page_changed(self, page: PageProject | None) -> None:
        if page is not None and page not in self._pages:
            self._pages.add(page)
            page.version_added.connect(self._on_version_added)
            page.current_changed.connect(self._on_version_shown)
            page.remark_changed.connect(lambda remark: self._write("page remark", text=remark))
            for version in page.versions:
                self._on_version_added(version)

    def _on_version_added(self, version: PageVersion) -> None:
        self._write("page version", title=version.title)
        version.status_changed.connect(lambda status: self._on_version_changed(version, status))
        version.rendering_changed.connect(lambda _: self._on_version_changed(version, "rendered"))
        version.fidelity_changed.connect(lambda _: self._on_version_changed(version, "measured"))

    def _on_version_changed(self, version: PageVersion, what: str) -> None:
        figure = None if version.fidelity is None else version.fidelity.fidelity
        picture = "" if version.rendering is None else version.rendering.picture
        self._write(f"page {what}", title=version.title, fidelity=figure, picture=picture, text=version.problem)

    def _on_version_shown(self, version: PageVersion | None) -> None:
        self._write("page shown", title="" if version is None else version.title)

    def _on_attachment_added(self, attachment: Attachment) -> None:
        self._write("attached", path=attachment.path)
        attachment.status_changed.connect(partial(self._on_attachment_changed, attachment))

    def _on_attachment_changed(self, attachment: Attachment, status: AttachmentStatus) -> None:
        self._write(status.value, path=attachment.path, text=f"{attachment.error} {attachment.hint}".strip())


def note_engine(bridge: EngineBridge) -> None:
    """Write into the log when the engine fails, and by which rule; what it was asked is nobody's business there."""
    bridge.engine_exited.connect(lambda code: note(f"The engine ended with {code}."))
    bridge.event_received.connect(_note_failure)


def _note_failure(event: Event) -> None:
    if isinstance(event, EngineFailed):
        note(f"The engine failed: {event.code}.")
    elif isinstance(event, ModelReady):
        note(f"The model {event.name} is loaded: {event.bits} bits, {event.memory_bytes / MEMORY_MB:.0f} MB.")


def keep_diary(bridge: EngineBridge, session: Session, quick: QuickAsk | None = None) -> Diary | None:
    """A diary, if the environment asks for one."""
    path = os.environ.get(VARIABLE)
    return Diary(path, bridge, session, quick) if path else None
