"""Asking from anywhere: opening and closing the panel, and taking its conversation over into the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.actions.action import Action
from app.actions.attachments import AttachmentActions
from app.actions.conversation import ConversationActions
from app.actions.engine import EngineActions
from app.engine_link.bridge import EngineBridge
from app.platform.capture import RegionCapture
from app.state.quick_ask import QuickAsk
from app.state.session import Session
from app.words import tr


class QuickAskActions(QObject):
    """Acts on the panel's state, and on the window's when it takes over.

    Signals:
        window_wanted: the window is to be looked at now, and not what the person was in before.

    Attributes:
        conversation: of the panel; what it asks overtakes what the window has asked.
        attachments: of the panel's question.
    """

    window_wanted = Signal()

    def __init__(
        self,
        quick: QuickAsk,
        main: Session,
        bridge: EngineBridge,
        engine_actions: EngineActions,
        choose_files: Callable[[], list[str]],
        capture: RegionCapture | None,
    ) -> None:
        """`main` is the window's session."""
        super().__init__()
        self._quick, self._main = quick, main
        engine_actions.share_with(quick.session)
        self.conversation = ConversationActions(quick.session, bridge, engine_actions, urgent=True)
        self.attachments = AttachmentActions(quick.session, engine_actions, choose_files, capture)
        self.toggle = Action("quick.toggle", tr("Quick Ask"), self._toggle, "Ctrl+Shift+A")
        self.capture = Action("quick.capture", tr("Ask About a Region"), self._open_and_capture)
        self.close = Action("quick.close", tr("Close"), self._close, "Esc")
        self.keep = Action("quick.keep", tr("Open in Prism"), self._keep, "Ctrl+Return", "Ctrl+Enter")
        self.capture.enabled = capture is not None
        for session in (quick.session, main):
            session.conversation.running_changed.connect(self._update)
            session.conversation.goes_on_changed.connect(self._update)
        self._update()

    @property
    def _all(self) -> tuple[Action, ...]:
        attachments, conversation = self.attachments, self.conversation
        return (attachments.allow_capture, conversation.retry, conversation.stop)

    def run(self, action_id: str) -> bool:
        """Do what a button of a notice in the panel says; False if that is nothing of the panel's own."""
        found = next((action for action in self._all if action.id == action_id), None)
        if found is not None:
            found.trigger()
        return found is not None

    def clean_up(self) -> None:
        """Remove what is only needed while the app runs."""
        self.attachments.close()

    def _toggle(self) -> None:
        if self._quick.is_open and not self._quick.session.attachments.is_capturing:
            self._close()
        else:
            self._quick.is_open = True

    def _open_and_capture(self) -> None:
        self._quick.is_open = True
        self.attachments.capture.trigger()

    def _close(self) -> None:
        """What is being answered is stopped: nobody will read it."""
        self._quick.is_open = False
        self.conversation.new.trigger()
        self._quick.session.begin_new()

    def _keep(self) -> None:
        """The window goes on with the conversation from where it is, also in the middle of an answer."""
        self._main.adopt(self._quick.session)
        self.window_wanted.emit()
        self._quick.is_open = False

    def _update(self, *_: object) -> None:
        self.keep.enabled = self._quick.session.conversation.idle or self._main.conversation.idle
