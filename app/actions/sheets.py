"""Pages and frames: having pictures made of them when somebody wants to see them, and leafing through.

Small pictures of a clip's frames are made one after the other, so that what is looked at never waits for them.
"""

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

_SMALL = 256  # pixels along the longer side of a picture in the strip


class SheetActions(QObject):
    """Acts on the stage; follows what is looked at there."""

    def __init__(self, session: Session, engine: EngineBridge) -> None:
        super().__init__()
        self._stage = session.stage
        self._engine = engine
        self._small: tuple[str, Sheet] | None = None  # the small picture that is being made
        self._blank: set[Sheet] = set()  # of which there is none to be had
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
        self._have_small_made()

    def _have_small_made(self) -> None:
        """The missing one that is nearest to what is looked at."""
        stage, clip = self._stage, self._stage.picture
        if clip is None or not clip.moments or not stage.is_open or self._small or not self._engine.is_running:
            return
        sheets = [stage.sheets.get(clip, index) for index in range(clip.sheet_count)]
        missing = [one for one in sheets if isinstance(one, Sheet) and not one.thumbnail and one not in self._blank]
        if missing:
            sheet = min(missing, key=lambda one: abs(one.index - stage.sheet))
            self._small = new_request_id("frame"), sheet
            self._engine.send(show_request(self._small[0], clip, sheet.index, longest=_SMALL))

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
        if self._small is not None and event.request_id == self._small[0]:
            self._on_small_made(event, self._small[1])
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

    def _on_small_made(self, event: MediaShown | EngineFailed, sheet: Sheet) -> None:
        self._small = None
        if isinstance(event, MediaShown):
            sheet.thumbnail = sheet.thumbnail or event.thumbnail
        elif event.code != GONE_CODE:
            self._blank.add(sheet)
        if not isinstance(event, EngineFailed) or event.code != GONE_CODE:
            self._have_small_made()


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
