"""All actions, and the menus that they stand in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.actions.action import Action
from app.actions.attachments import AttachmentActions
from app.actions.boxes import BoxActions
from app.actions.conversation import ConversationActions
from app.actions.drafters import DrafterActions
from app.actions.engine import TOUR, EngineActions
from app.actions.estimating import EstimateActions
from app.actions.help import HelpActions
from app.actions.hub_token import HubToken
from app.actions.library import LibraryActions
from app.actions.listening import ListeningActions
from app.actions.models import ModelActions
from app.actions.moments import MomentActions
from app.actions.page import PageActions
from app.actions.presets import PresetActions
from app.actions.quick_ask import QuickAskActions
from app.actions.recording import RecordingActions
from app.actions.regions import RegionActions
from app.actions.server_keys import ServerKeys
from app.actions.servers import ServerActions
from app.actions.sheets import SheetActions
from app.actions.tools.choice import ToolActions
from app.actions.transcripts import TranscriptActions
from app.actions.view import ViewActions
from app.engine_link.bridge import EngineBridge
from app.page.render import Renderer
from app.platform.capture import RegionCapture
from app.platform.home import home as usual_home
from app.platform.microphone import Microphone
from app.platform.player import Player
from app.state.quick_ask import QuickAsk
from app.state.session import Session
from app.store.chosen_model import read_chosen
from app.store.store import Store
from app.words import tr

EDIT = tr("Edit")
Menus = tuple[tuple[str, tuple[Action | None, ...]], ...]


class Actions:
    """The actions by subject."""

    def __init__(
        self,
        session: Session,
        bridge: EngineBridge,
        choose_files: Callable[[], list[str]],
        choose_target: Callable[[str], str],
        renderer: Renderer,
        model: str = "",
        quick: QuickAsk | None = None,
        capture: RegionCapture | None = None,
        store: Store | None = None,
        home: Path | None = None,
        token: HubToken | None = None,
        player: Player | None = None,
        microphone: Microphone | None = None,
        keys: ServerKeys | None = None,
        choose_file: Callable[[], str] | None = None,
    ) -> None:
        """Everything that can be done with this engine and this renderer of pages.

        Args:
            session: what it is done to.
            bridge: the way to the engine.
            choose_files: asks the person for files.
            choose_target: asks the person for a file to write, suggesting a name; empty for none.
            renderer: of pages.
            model: a checkpoint folder, or the bundled one; empty for the one that was chosen last.
            quick: what the quick-ask panel shows, if somebody shows it.
            capture: asks the person for a part of the screen; None where there is no screen.
            store: where conversations are kept; None keeps none.
            home: the folder that everything is kept in; None for the usual one.
            token: for the Hub; None for the one in the system's safe.
            player: of sound; None where there is none.
            microphone: to record with; None where there is none.
            keys: of servers; None for those in the system's safe.
            choose_file: asks the person for a file that a tool shall read; None offers the model no tools.
        """
        home = usual_home() if home is None else home
        self.engine = EngineActions(session, bridge, model or read_chosen(home) or TOUR)
        self.conversation = ConversationActions(session, bridge, self.engine, choose_file=choose_file)
        self.presets = PresetActions(session)
        self.tools = ToolActions(session, self.conversation.tools)
        self.attachments = AttachmentActions(session, self.engine, choose_files, capture)
        self.estimating = EstimateActions(session, bridge, self.conversation, home)
        self.models = ModelActions(session, bridge, self.engine, self.conversation, home, token or HubToken())
        self.drafters = DrafterActions(session, bridge, self.engine, self.conversation, self.models, home)
        self.servers = ServerActions(session, bridge, self.engine, self.models, home, keys or ServerKeys())
        self.view = ViewActions(session)
        self.sheets = SheetActions(session, bridge)
        self.boxes = BoxActions(session, bridge, choose_target)
        self.regions = RegionActions(session, bridge, self.engine, self.conversation)
        self.page = PageActions(session, bridge, self.engine, self.conversation, renderer, choose_target)
        self.transcripts = TranscriptActions(session, bridge, self.engine, self.conversation, choose_target)
        self.listening = ListeningActions(session, bridge, player)
        self.moments = MomentActions(session, self.listening)
        self.recording = RecordingActions(
            session, self.attachments, self.conversation, self.transcripts, self.models, microphone, home
        )
        self.help = HelpActions(session, choose_target)
        quick = quick or QuickAsk(session.engine)
        self.quick = QuickAskActions(quick, session, bridge, self.engine, choose_files, capture)
        self.library = LibraryActions(session, self.engine, self.conversation, store, choose_target)
        self.library.opened.connect(lambda: self.page.recall(session.conversation.all_turns))
        self.more: tuple[Action | None, ...] = ()  # what the whole app has, at the end of the first menu

    @property
    def menus(self) -> Menus:
        """Title and actions of every menu; None is a line between them."""
        conversation, view, page, library = self.conversation, self.view, self.page, self.library
        return (
            (
                tr("File"),
                (
                    conversation.new,
                    self.attachments.open,
                    self.attachments.capture,
                    library.export,
                    None,
                    library.find,
                    self.quick.toggle,
                    *self.more,
                ),
            ),
            (EDIT, (self.attachments.paste, conversation.copy_answer)),
            (
                tr("View"),
                (
                    library.toggle_list,
                    view.toggle_stage,
                    None,
                    view.zoom_in,
                    view.zoom_out,
                    view.fit,
                    view.actual_size,
                    None,
                    self.sheets.earlier,
                    self.sheets.later,
                ),
            ),
            (
                tr("Boxes"),
                (self.regions.draw, None, view.toggle_boxes, None, *self.boxes.exports, None, self.boxes.copy),
            ),
            (
                tr("Page"),
                (
                    page.make,
                    page.fix,
                    None,
                    page.toggle_code,
                    page.copy_html,
                    page.save,
                    page.open_in_browser,
                ),
            ),
            (
                tr("Recording"),
                (
                    self.recording.record,
                    self.transcripts.write_down,
                    self.listening.toggle,
                    None,
                    self.transcripts.export,
                ),
            ),
            (
                tr("Conversation"),
                (
                    *(conversation.send, conversation.stop, conversation.retry, conversation.go_on, None),
                    *(self.presets.edit, self.presets.bring_back, None, library.undelete, self.engine.restart),
                ),
            ),
            (tr("Tools"), self.tools.toggles),
            (
                tr("Model"),
                (
                    self.models.show,
                    self.servers.connect_action,
                    None,
                    self.models.use_downloaded,
                    self.models.load_anyway,
                    self.models.try_again,
                ),
            ),
            (
                tr("Help"),
                (
                    self.help.check_for_updates,
                    self.help.open_download_page,
                    self.help.save_diagnostics,
                    None,
                    self.help.about,
                ),
            ),
        )

    def close(self) -> None:
        """Remove what is only needed while the app runs."""
        self.recording.close()
        self.listening.close()
        self.library.close()
        self.page.close()
        self.conversation.tools.close()
        self.attachments.close()
        self.regions.close()
        self.quick.clean_up()

    def run(self, action_id: str) -> None:
        """Do what a notice's button says."""
        for _, actions in (*self.menus, ("", (self.attachments.allow_capture, *self.recording.rescues))):
            for action in actions:
                if action is not None and action.id == action_id:
                    action.trigger()
                    return
