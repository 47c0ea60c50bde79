"""Pages and frames: having pictures made of them when somebody wants to see them, and leafing through."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from app.actions.action import Action
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.attachments import Attachment, AttachmentStatus
from app.state.engine_status import EngineState
from app.state.leafing import can_leaf, leaf
from app.state.session import GONE_CODE, Session, with_names
from app.state.sheets import Sheet
from app.words import tr
from mlx_gemma4.protocol.events import EngineFailed, Event, MediaShown
from mlx_gemma4.protocol.requests import ShowMedia


class SheetActions(QObject):
    """Acts on the stage; follows what is looked at there."""

    def __init__(self, session: Session, engine: EngineBridge) -> None:
        super().__init__()
        self._stage = session.stage
        self._engine = engine
        self.earlier = Action(
            "view.earlier", tr("Previous Picture, Page or Frame"), partial(leaf, self._stage, -1), "Ctrl+Alt+Left"
        )
        self.later = Action(
            "view.later", tr("Next Picture, Page or Frame"), partial(leaf, self._stage, 1), "Ctrl+Alt+Right"
        )
        self._stage.image_changed.connect(self._follow)
        self._stage.turn_changed.connect(self._follow)
        self._stage.is_open_changed.connect(self._follow)
        session.engine.state_changed.connect(self._on_engine_state_changed)
        engine.event_received.connect(self._on_event_received)
        self._follow()

    def _follow(self, *_: object) -> None:
        stage, image = self._stage, self._stage.image
        self.earlier.enabled = stage.is_open and can_leaf(stage, -1)
        self.later.enabled = stage.is_open and can_leaf(stage, 1)
        if isinstance(image, Sheet) and image.status is AttachmentStatus.PROBING and not image.request_id:
            self._have_made(image)

    def _have_made(self, sheet: Sheet) -> None:
        if self._engine.is_running:
            sheet.request_id = new_request_id("show")
            self._engine.send(show_request(sheet.request_id, sheet.of, sheet.index))

    def _on_engine_state_changed(self, state: EngineState) -> None:
        if state is not EngineState.GONE:
            self._follow()

    def _on_event_received(self, event: Event) -> None:
        if not isinstance(event, MediaShown | EngineFailed):
            return
        sheet = self._stage.sheets.by_request(event.request_id)
        if sheet is None:
            return
        sheet.request_id = ""
        if isinstance(event, MediaShown):
            sheet.width, sheet.height = event.width, event.height
            sheet.thumbnail, sheet.display = event.thumbnail, event.display
            sheet.status = AttachmentStatus.READY
        elif event.code != GONE_CODE:  # else the next engine is asked
            sheet.error, sheet.hint = with_names(event.message, [sheet.of]), event.hint
            sheet.status = AttachmentStatus.REFUSED


def show_request(
    request_id: str,
    of: Attachment,
    sheet: int,
    box: tuple[float, float, float, float] | None = None,
    longest: int | None = 4096,
) -> ShowMedia:
    """Ask for a page or frame, counted from 0, or a part of one."""
    seconds = of.moments[sheet] if of.moments else 0.0
    return ShowMedia(request_id, of.path, sheet + 1 if of.pages else 1, seconds, box, longest)
