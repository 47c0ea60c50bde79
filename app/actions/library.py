"""The conversations that are kept: opening, naming, pinning, deleting, finding."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.actions.action import Action
from app.actions.conversation import ConversationActions
from app.actions.engine import EngineActions
from app.actions.recalling import Recalled, recall_conversation
from app.state.attachments import Attachment
from app.state.library import Entry
from app.state.notices import Notice
from app.state.session import Session
from app.state.turn import Turn
from app.store import changes
from app.store.export import FORMATS
from app.store.keeper import Keeper, kind_of
from app.store.records import StoredConversation
from app.store.store import Store
from app.words import tr

LIBRARY_SUBJECT, STORE_SUBJECT, DELETED_SUBJECT, EXPORT_SUBJECT = "library", "store", "deleted", "export"
UNDO_DELETE = "library.undelete"
_SLICE_SECONDS = 0.004
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f]+')  # in names of files


class LibraryActions(QObject):
    """Acts on the list of conversations; without a store there is none, and nothing is kept.

    Signals `opened()` when a conversation from the list is on the screen, and `turn_wanted(Turn)` when one of its turns
    is to be looked at.
    """

    opened = Signal()
    turn_wanted = Signal(object)

    def __init__(
        self,
        session: Session,
        engine: EngineActions,
        conversation: ConversationActions,
        store: Store | None,
        choose_target: Callable[[str], str],
    ) -> None:
        """`choose_target` asks the person for a file to write, suggesting a name; empty for none."""
        super().__init__()
        self._choose_target = choose_target
        self._session, self._engine, self._conversation = session, engine, conversation
        self._store = store
        self._keeper = None if store is None else Keeper(session, store)
        self._deleted: list[Entry] = []
        self._wanted_turn: int | None = None
        self._building: tuple[StoredConversation, Recalled, Iterator[None]] | None = None
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._on_slice)
        self.toggle_list = Action("library.list", tr("Show Sidebar"), self._toggle_list, "Meta+Ctrl+S", "Ctrl+Alt+S")
        self.find = Action("library.find", tr("Search…"), self._toggle_search, "Ctrl+K")
        self.export = Action("library.export", tr("Export Conversation…"), self._export_current, "Ctrl+Shift+E")
        self.undelete = Action(UNDO_DELETE, tr("Undo Delete"), self._undelete, "Ctrl+Alt+Z")
        session.library.is_kept = store is not None
        session.library.is_shown_changed.connect(self._update)
        session.stage.picture_changed.connect(self._on_picture_changed)
        if store is not None:
            self._listen(store)
        self._update()

    def start(self) -> None:
        """Open what is kept, and the conversation that was on the screen last."""
        if self._store is not None:
            self._store.start()

    def open(self, key: int, turn: int | None = None) -> None:
        """Put this conversation on the screen, and one of its turns."""
        library = self._session.library
        self._wanted_turn = turn
        if key == library.current:
            self._stop_opening()
            self._show_wanted()
        elif self._store is not None and key != library.opening:
            self._stop_opening()
            library.opening = key
            self._flush()
            self._store.read_conversation(key)

    def rename(self, key: int, title: str) -> None:
        """Give it another title; none is no title."""
        title = " ".join(title.split())
        entry = self._session.library.entry(key)
        if entry is None or not title or title == entry.title:
            return
        self._session.library.put(replace(entry, title=title))
        if key == self._session.library.current:
            self._session.conversation.title = title
        self._write(*changes.rename(key, title))

    def pin(self, key: int, pinned: bool) -> None:
        """Keep it on top of the list, or no longer."""
        entry = self._session.library.entry(key)
        if entry is not None and entry.pinned != pinned:
            self._session.library.put(replace(entry, pinned=pinned))
            self._write(changes.pin(key, pinned))

    def delete(self, key: int) -> None:
        """Take it out of the list; a notice offers to take that back."""
        library = self._session.library
        entry = library.entry(key)
        if entry is None:
            return
        if key == library.current:
            self._conversation.begin_new()
        library.remove(key)
        self._deleted.append(entry)
        self._write(changes.delete(key))
        text = tr("“{title}” was deleted.", title=entry.title)
        self._session.notices.show(Notice("info", text, DELETED_SUBJECT, tr("Undo"), UNDO_DELETE))
        self._update()

    def search(self, words: str) -> None:
        """Look for these words; `Search.hits` follows."""
        self._session.search.words = words
        if not words.strip():
            self._session.search.hits, self._session.search.found_for = (), ""
        elif self._store is not None:
            self._flush()
            self._store.search(words)

    def export_to_file(self, key: int) -> None:
        """Write it into a file that the person chooses: Markdown, JSON or HTML."""
        entry = self._session.library.entry(key)
        if entry is None or self._store is None:
            return
        chosen = self._choose_target(f"{_FORBIDDEN.sub(' ', entry.title).strip() or 'Conversation'}.md")
        if chosen:
            target = Path(chosen)
            if target.suffix.lower() not in FORMATS:
                target = target.with_name(target.name + ".md")
            self._flush()
            self._store.export(key, target)

    def close_search(self) -> None:
        """Put the panel away."""
        self._session.search.is_open = False

    def look_at(self, turn: Turn) -> None:
        """Somebody is going to see this turn: its files are looked at, if they have not been."""
        for file in turn.attachments:
            self._engine.wake(file)

    def close(self) -> None:
        """Write what is not written yet, and wait for it."""
        self._timer.stop()
        if self._store is not None:
            self._flush()
            self._store.close()

    def _listen(self, store: Store) -> None:
        assert self._keeper is not None
        self._keeper.kept.connect(self._on_kept)
        store.began.connect(self._on_began)
        store.entries_read.connect(self._on_entries_read)
        store.conversation_read.connect(self._on_conversation_read)
        store.found.connect(self._on_found)
        store.troubled.connect(self._on_troubled)
        store.noticed.connect(self._on_noticed)
        store.exported.connect(self._on_exported)
        self._session.library.current_changed.connect(self._update)
        self._session.conversation.cleared.connect(self._on_cleared)

    def _export_current(self) -> None:
        if self._session.library.current is not None:
            self.export_to_file(self._session.library.current)

    def _on_exported(self, file: str, problem: str) -> None:
        if problem:
            text = tr("The conversation cannot be exported: {problem}.", problem=problem)
            self._session.notices.show(Notice("problem", text, EXPORT_SUBJECT))
        else:
            text = tr("The conversation was exported as “{name}”.", name=Path(file).name)
            self._session.notices.show(Notice("info", text, EXPORT_SUBJECT))

    def _toggle_list(self) -> None:
        self._session.library.is_shown = not self._session.library.is_shown

    def _toggle_search(self) -> None:
        self._session.search.is_open = not self._session.search.is_open

    def _undelete(self) -> None:
        if self._deleted:
            entry = self._deleted.pop()
            self._session.library.put(entry)
            self._session.notices.dismiss(DELETED_SUBJECT)
            self._write(changes.undelete(entry.key))
            self._update()

    def _write(self, *some: changes.Change) -> None:
        if self._store is not None:
            self._flush()  # what was gathered before comes before
            self._store.write(some)

    def _flush(self) -> None:
        if self._keeper is not None:
            self._keeper.flush()

    def _on_began(self, current: int | None) -> None:
        if current is not None and not self._session.conversation.turns:
            self.open(current)

    def _on_entries_read(self, entries: tuple[Entry, ...]) -> None:
        known = {entry.key for entry in entries}
        newer = tuple(entry for entry in self._session.library.entries if entry.key not in known)
        self._session.library.entries = (*newer, *entries)

    def _on_kept(self, key: int) -> None:
        """The conversation on the screen has changed: so does its place in the list."""
        library, conversation = self._session.library, self._session.conversation
        before = library.entry(key)
        kind = kind_of(conversation.turns)
        pinned = before is not None and before.pinned
        library.put(Entry(key, conversation.title, kind, conversation.created, time.time(), pinned))
        library.current = key

    def _on_cleared(self) -> None:
        self._session.library.current = None

    def _on_conversation_read(self, key: int, stored: StoredConversation | None) -> None:
        library = self._session.library
        if key != library.opening:
            return
        if stored is None:
            library.opening = None
            library.remove(key)
            return
        recalled = Recalled()
        self._building = stored, recalled, recall_conversation(stored, recalled)
        self._timer.start()

    def _on_slice(self) -> None:
        """Build for a few milliseconds; what is not done waits for the next round of the event loop."""
        assert self._building is not None
        stored, recalled, steps = self._building
        deadline = time.perf_counter() + _SLICE_SECONDS
        for _ in steps:
            if time.perf_counter() > deadline:
                return
        self._stop_opening()
        self._show(stored, recalled)

    def _show(self, stored: StoredConversation, recalled: Recalled) -> None:
        session, entry = self._session, stored.entry
        draft = None if session.conversation.turns else (session.draft.text, list(session.attachments.items))
        self._conversation.begin_new()
        if draft is not None:  # it was being written before there was a conversation, and goes on in this one
            session.draft.text = draft[0]
            for attachment in draft[1]:
                session.attachments.add(attachment)
        for page in recalled.pages:
            session.stage.add_page(page)
        title = (session.library.entry(entry.key) or entry).title
        session.conversation.recall(entry.key, title, entry.created, recalled.turns, stored.shown)
        session.conversation.take_settings(stored.settings)
        session.library.current = entry.key
        if self._keeper is not None:
            self._keeper.know(recalled.turns, recalled.pages)
        self.opened.emit()
        last = session.conversation.turns[-1:]
        if last and last[0].transcript is not None:
            session.stage.show_transcript(last[0])
        elif last and (last[0].boxes or last[0].version is not None or any(one.moments for one in last[0].attachments)):
            session.stage.show(last[0])
        self._show_wanted()

    def _show_wanted(self) -> None:
        wanted, self._wanted_turn = self._wanted_turn, None
        conversation = self._session.conversation
        turn = next((turn for turn in conversation.all_turns if turn.key == wanted), None)
        if turn is not None:
            conversation.choose(turn)
            self.turn_wanted.emit(turn)

    def _stop_opening(self) -> None:
        self._timer.stop()
        self._building = None
        self._session.library.opening = None

    def _on_found(self, words: str, hits: tuple) -> None:
        search = self._session.search
        if words == search.words:
            search.hits, search.found_for = hits, words

    def _on_troubled(self, sentence: str) -> None:
        if sentence:
            self._session.notices.show(Notice("problem", sentence, STORE_SUBJECT))
        else:
            self._session.notices.dismiss(STORE_SUBJECT)

    def _on_noticed(self, sentence: str) -> None:
        self._session.notices.show(Notice("problem", sentence, LIBRARY_SUBJECT))

    def _on_picture_changed(self, picture: Attachment | None) -> None:
        if picture is not None:
            self._engine.wake(picture)

    def _update(self, *_: object) -> None:
        self.toggle_list.checked = self._session.library.is_shown
        self.toggle_list.enabled = self._store is not None
        self.find.enabled = self._store is not None
        self.export.enabled = self._session.library.current is not None
        self.undelete.enabled = bool(self._deleted)
