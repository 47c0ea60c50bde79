"""Writes down what happens in the conversation, as it happens: nothing stays unwritten for longer than a moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from weakref import WeakSet

from PySide6.QtCore import QObject, QTimer, Signal

from app.state.attachments import Attachment
from app.state.light_signal import BoundSignal
from app.state.page import PageProject, PageVersion, VersionStatus
from app.state.session import Session
from app.state.tools import Said, ToolAnswered
from app.state.turn import Turn
from app.store import changes
from app.store.changes import Change
from app.store.store import Store

INTERVAL_MS = 200
"""How long words wait to be written together."""
FACTS = (
    *("kind", "width", "height", "soft_tokens", "budget", "seconds", "pages", "moments", "has_sound", "colours"),
    *("error", "hint"),
)
CURRENT = "current"
TRANSCRIBE = "transcribe"


class Keeper(QObject):
    """Follows the session. Signal `kept(int)`: what a list shows of the conversation with this key has changed."""

    kept = Signal(object)

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__()
        self._session, self._store = session, store
        self._changes: list[Change] = []
        self._events: dict[Turn, list[Said]] = {}
        self._answering: Turn | None = None
        self._followed: WeakSet[Turn] = WeakSet()  # of the thousands that are over, hardly one
        self._files: dict[Attachment, None] = {}
        self._uncopied: list[Attachment] = []  # their content is not in the folder, and their rows are not written yet
        self._known: set[int] = set()  # keys of the files that were written already, of the conversation on the screen
        self._conversation = 0
        self._timer = QTimer(self, singleShot=True, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.flush)
        conversation = session.conversation
        conversation.turn_added.connect(self._on_turn_added)
        conversation.path_changed.connect(self._on_path_changed)
        conversation.cleared.connect(self._on_cleared)
        conversation.title_changed.connect(self._on_title_changed)
        conversation.resumed.connect(self._on_resumed)
        conversation.preset_changed.connect(self._on_settings_changed)
        conversation.thinking_changed.connect(self._on_settings_changed)
        conversation.tools_changed.connect(self._on_settings_changed)
        session.stage.page_added.connect(self._on_page_added)

    def know(self, turns: list[Turn], pages: list[PageProject]) -> None:
        """These were read from the store: only what becomes of them is news."""
        self._conversation = self._session.conversation.key
        self._note(changes.mark(CURRENT, self._conversation))
        for turn in turns:
            if _can_change(turn):
                self._follow_turn(turn)
            brought = (file for call in turn.calls for file in call.files)
            for file in (*turn.attachments, *turn.files, *brought, *turn.pictures):
                if file.key not in self._known:
                    self._known.add(file.key)
                    file.colours_changed.connect(self._on_file_changed)
        for page in pages:
            self._known.add(page.screenshot.key)
            self._follow_page(page)
            for version in page.versions:
                version.status_changed.connect(self._on_version_changed)

    def flush(self) -> None:
        """Hand over to the store what has been gathered."""
        self._timer.stop()
        for file in self._files:
            self._save_file(file)
        self._files.clear()
        for turn, events in self._events.items():
            self._note(changes.AddEvents(turn.key, tuple(events)))
        self._events.clear()
        if self._changes:
            self._store.write(tuple(self._changes))
            self._changes.clear()
            self._timer.stop()
        for file in self._uncopied:  # where the copy is can only be written into a row that is there
            self._store.keep_file(file.key, file.path)
        self._uncopied.clear()

    def _note(self, *some: Change) -> None:
        self._changes += some
        self._hurry()

    def _hurry(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _on_turn_added(self, turn: Turn) -> None:
        self._save_conversation(turn)
        for file in (*turn.attachments, *turn.files):
            self._follow_file(file)
        if turn.page_ask is not None:
            self._follow_file(turn.page_ask.screenshot)
            page = self._session.stage.page_of(turn.page_ask.screenshot)
            if page is not None and turn.version is not None:
                self._save_version(page, turn.version)
        self._save_turn(turn)
        self._follow_turn(turn)
        self.flush()

    def _follow_turn(self, turn: Turn) -> None:
        if turn in self._followed:
            return
        self._followed.add(turn)
        for signal, slot in self._slots(turn):
            signal.connect(slot)

    def _slots(self, turn: Turn) -> tuple[tuple[BoundSignal, Callable[..., None]], ...]:
        return (
            (turn.heard, self._on_heard),
            (turn.settled, self._on_settled),
            (turn.restarted, self._on_restarted),
            (turn.revised, self._on_revised),
        )

    def _on_heard(self, turn: Turn, event: Said) -> None:
        if self._answering is not turn:
            self._answering = turn
            self._save_turn(turn)  # now it is known which files the engine was given
        if isinstance(event, ToolAnswered):
            for file in turn.calls[event.call].files:
                self._follow_file(file)
        self._events.setdefault(turn, []).append(event)
        self._hurry()

    def _on_settled(self, turn: Turn) -> None:
        self._answering = None
        events = self._events.pop(turn, None)
        if events:
            self._note(changes.AddEvents(turn.key, tuple(events)))
        self._save_turn(turn)
        if not _can_change(turn):
            self._followed.discard(turn)
            for signal, slot in self._slots(turn):
                signal.disconnect(slot)
        self.flush()
        if self._conversation == self._session.conversation.key:
            self.kept.emit(self._conversation)

    def _on_restarted(self, turn: Turn) -> None:
        self._events.pop(turn, None)
        self._note(changes.DropAnswer(turn.key))

    def _on_revised(self, turn: Turn, events: list[Said]) -> None:
        self._note(changes.AddEvents(turn.key, tuple(events)))
        self._save_turn(turn)

    def _on_resumed(self, turn: Turn) -> None:
        """More of an answer that was over comes behind what was kept of it."""
        self._follow_turn(turn)
        self._save_turn(turn)

    def _on_path_changed(self, _index: int) -> None:
        if self._conversation == self._session.conversation.key and self._session.conversation.turns:
            self._save_conversation(self._session.conversation.turns[-1])

    def _on_settings_changed(self, _value: object) -> None:
        self._on_path_changed(0)

    def _on_title_changed(self, title: str) -> None:
        if title and self._conversation == self._session.conversation.key:
            self._note(*changes.rename(self._conversation, title))

    def _on_cleared(self) -> None:
        self.flush()
        self._conversation = 0
        self._known.clear()
        self._note(changes.mark(CURRENT, None))

    def _save_conversation(self, shown: Turn) -> None:
        conversation = self._session.conversation
        self._note(
            changes.SaveConversation(
                conversation.key,
                conversation.title,
                kind_of(conversation.turns),
                conversation.created,
                shown.key,
                json.dumps(conversation.settings()),
            )
        )
        if self._conversation != conversation.key:
            self._conversation = conversation.key
            self._note(changes.mark(CURRENT, conversation.key))
        self.kept.emit(conversation.key)

    def _save_turn(self, turn: Turn) -> None:
        error = None if turn.error is None else json.dumps(asdict(turn.error))
        self._note(
            changes.SaveTurn(
                turn.key,
                self._conversation,
                None if turn.before is None else turn.before.key,
                turn.question,
                tuple(file.key for file in turn.attachments),
                tuple(file.key for file in turn.files),
                _asked(turn),
                None if turn.version is None else turn.version.key,
                turn.status.value,
                error,
                '{"completes": true}' if turn.completes else None,
            )
        )

    def _follow_file(self, file: Attachment) -> None:
        if file.key in self._known:
            return
        self._known.add(file.key)
        if file.region is not None:
            self._follow_file(file.region.of)
        self._save_file(file)
        self._uncopied.append(file)
        for fact in (*FACTS, "status"):
            getattr(file, f"{fact}_changed").connect(self._on_file_changed)

    def _save_file(self, file: Attachment) -> None:
        facts = {fact: getattr(file, fact) for fact in FACTS} | {"status": file.status.value}
        if file.region is not None:
            region = file.region
            facts["region"] = {"of": region.of.key, "sheet": region.sheet, "box": region.box}
        self._note(changes.SaveAttachment(file.key, self._conversation, file.name, file.path, json.dumps(facts)))

    def _on_file_changed(self, _value: object) -> None:
        file = self.sender()
        if isinstance(file, Attachment) and file.key in self._known:
            self._files[file] = None
            self._hurry()

    def _on_page_added(self, page: PageProject) -> None:
        self._follow_page(page)

    def _follow_page(self, page: PageProject) -> None:
        page.current_changed.connect(self._on_page_changed)
        page.pictures_changed.connect(self._on_page_changed)
        page.version_added.connect(self._on_version_added)

    def _on_page_changed(self, _value: object) -> None:
        page = self.sender()
        if isinstance(page, PageProject):
            self._save_page(page)

    def _on_version_added(self, version: PageVersion) -> None:
        version.status_changed.connect(self._on_version_changed)
        version.problem_changed.connect(self._on_version_changed)
        page = self.sender()
        if isinstance(page, PageProject):
            self._save_version(page, version)

    def _on_version_changed(self, _value: object) -> None:
        version = self.sender()
        if isinstance(version, PageVersion) and version.status is not VersionStatus.WRITING:
            for page in self._session.stage.pages:
                if version in page.versions:
                    self._save_version(page, version)

    def _save_page(self, page: PageProject) -> None:
        if not self._conversation:
            return  # it is saved with its first turn, which is about to begin
        self._follow_file(page.screenshot)
        current = None if page.current is None else page.current.key
        self._note(
            changes.SavePage(page.key, self._conversation, page.screenshot.key, current, json.dumps(page.pictures))
        )

    def _save_version(self, page: PageProject, version: PageVersion) -> None:
        if not self._conversation:
            return
        self._save_page(page)
        before = None if version.made_from is None else version.made_from.key
        html = "" if version.status is VersionStatus.WRITING else version.html
        self._note(
            changes.SaveVersion(
                version.key, page.key, before, version.title, html, version.status.value, version.problem
            )
        )


def _can_change(turn: Turn) -> bool:
    """Whether more can still become of an answer that is over; one that is gone on with is followed again."""
    return not turn.text or bool(turn.open_calls) or turn.transcript is not None


def kind_of(turns: list[Turn]) -> str:
    """What a conversation is about, by its first question."""
    if not turns:
        return "words"
    if turns[0].page_ask is not None:
        return "page"
    return turns[0].attachments[0].kind if turns[0].attachments else "words"


def _asked(turn: Turn) -> str | None:
    """How an answer is asked for that is no conversation, with keys for what is written elsewhere."""
    ask = turn.page_ask
    if ask is None:
        return None if turn.transcript is None else json.dumps({"what": TRANSCRIBE})
    before = None if ask.before is None else ask.before.key
    values = {"what": ask.what, "screenshot": ask.screenshot.key, "before": before}
    return json.dumps(values | {"element": ask.element, "wish": ask.wish})
