"""All actions, and the menus that they stand in."""

from __future__ import annotations

from collections.abc import Callable

from app.actions.action import Action
from app.actions.attachments import AttachmentActions
from app.actions.conversation import ConversationActions
from app.actions.engine import EngineActions
from app.actions.help import HelpActions
from app.actions.view import ViewActions
from app.engine_link.bridge import EngineBridge
from app.state.session import Session

EDIT = "Edit"
Menus = tuple[tuple[str, tuple[Action | None, ...]], ...]


class Actions:
    """The actions by subject."""

    def __init__(
        self,
        session: Session,
        bridge: EngineBridge,
        choose_files: Callable[[], list[str]],
        choose_target: Callable[[str], str] = lambda name: "",
    ) -> None:
        """`choose_files` asks the person for files, and `choose_target` where to save one of this name."""
        self.engine = EngineActions(session, bridge)
        self.conversation = ConversationActions(session, bridge, self.engine)
        self.attachments = AttachmentActions(session, self.engine, choose_files)
        self.view = ViewActions(session)
        self.help = HelpActions(session, choose_target)

    @property
    def menus(self) -> Menus:
        """Title and actions of every menu; None is a line between them."""
        conversation, view = self.conversation, self.view
        return (
            ("File", (conversation.new, self.attachments.open)),
            (EDIT, (self.attachments.paste, conversation.copy_answer)),
            (
                "View",
                (
                    view.toggle_stage,
                    view.toggle_boxes,
                    None,
                    view.zoom_in,
                    view.zoom_out,
                    view.fit,
                    view.actual_size,
                ),
            ),
            ("Conversation", (conversation.send, conversation.stop, conversation.retry, None, self.engine.restart)),
            (
                "Help",
                (
                    self.help.check_for_updates,
                    self.help.open_download_page,
                    self.help.save_diagnostics,
                    None,
                    self.help.about,
                ),
            ),
        )

    def run(self, action_id: str) -> None:
        """Do what a notice's button says."""
        for _, actions in self.menus:
            for action in actions:
                if action is not None and action.id == action_id:
                    action.trigger()
                    return
