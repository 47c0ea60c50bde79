"""Puts the window back as it was left, and has it written down how it is."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QObject

from app.actions.catalogue import Actions
from app.state.attachments import AttachmentStatus
from app.state.session import Session
from app.store.left_off import LeftOff, LeftOffStore
from app.views.main_window import MainWindow


class Remembering(QObject):
    """Follows the window as long as it is there."""

    def __init__(self, window: MainWindow, session: Session, actions: Actions, store: LeftOffStore) -> None:
        super().__init__(window)
        self._window, self._session, self._actions, self._store = window, session, actions, store
        self._before = store.read()
        self._restore(self._before)
        store.follow(self._gather)
        window.installEventFilter(self)
        window.splitter.splitterMoved.connect(self._on_changed)
        attachments = session.attachments
        for changed in (
            session.library.is_shown_changed,
            session.stage.is_open_changed,
            session.draft.text_changed,
            attachments.attachment_added,
            attachments.attachment_removed,
        ):
            changed.connect(self._on_changed)
        actions.library.opened.connect(self._on_opened)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window was moved, or has another size."""
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowStateChange):
            self._on_changed()
        return False

    def _restore(self, before: LeftOff) -> None:
        if before.place:
            self._window.restoreGeometry(QByteArray.fromBase64(before.place.encode()))
        if len(before.widths) == self._window.splitter.count() and all(before.widths):
            self._window.splitter.setSizes(before.widths)
        self._session.library.is_shown = before.sidebar
        self._session.draft.text = before.draft
        if before.files:
            self._actions.attachments.add_files(list(before.files))

    def _gather(self) -> LeftOff:
        session, stage = self._session, self._session.stage
        wanted = [item.path for item in session.attachments.items if item.status is not AttachmentStatus.REFUSED]
        sizes = tuple(self._window.splitter.sizes())
        return LeftOff(
            bytes(self._window.saveGeometry().toBase64().data()).decode(),
            sizes if all(sizes) else self._before.widths,
            self._window.room.sidebar_wanted,
            stage.is_open if stage.picture is not None else self._before.stage,
            session.draft.text,
            self._store.own(wanted),
        )

    def _on_changed(self, *_: object) -> None:
        self._store.changed()

    def _on_opened(self) -> None:
        """The conversation that was on the screen is there again: so is its stage, or it is not."""
        self._actions.library.opened.disconnect(self._on_opened)
        stage = self._session.stage
        if self._before.stage is False:
            stage.is_open = False
        elif self._before.stage and stage.picture is None:
            shown = [turn for turn in self._session.conversation.turns if turn.pictures]
            if shown:
                stage.show(shown[-1])
