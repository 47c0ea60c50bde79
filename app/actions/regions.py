"""Asking about a part of a picture: the person draws it, the model sees it alone, its boxes lie on the whole."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject

from app.actions.action import Action
from app.actions.conversation import DEFAULT_QUESTIONS, ConversationActions
from app.actions.engine import EngineActions
from app.actions.sheets import show_request
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.attachments import Attachment, Place, Region
from app.state.notices import Notice
from app.state.session import GONE_CODE, Session, with_names
from app.state.turn import Turn
from app.words import tr
from mlx_gemma4.protocol.events import EngineFailed, Event, MediaShown

REGION_SUBJECT = "region"
_numbers = itertools.count(1)


class RegionActions(QObject):
    """Acts on the stage and the conversation.

    The part is cut out by the engine, at full resolution, when the question is asked; it goes out once it is there.
    """

    def __init__(
        self, session: Session, engine: EngineBridge, engine_actions: EngineActions, conversation: ConversationActions
    ) -> None:
        super().__init__()
        self._session = session
        self._engine, self._engine_actions = engine, engine_actions
        self._conversation = conversation
        self._folder = tempfile.TemporaryDirectory(prefix="prism-parts-")
        self._request_id = ""
        self._asked: tuple[Region, str] | None = None
        self.draw = Action("boxes.draw", tr("Ask About a Part"), self._toggle, "Ctrl+Shift+D")
        self.draw.checked = False
        engine.event_received.connect(self._on_event_received)
        stage = session.stage
        for changed in (stage.is_open_changed, stage.image_changed, stage.tab_changed, stage.is_drawing_changed):
            changed.connect(self._update)
        self._update()

    @property
    def default_question(self) -> str:
        """What is asked without words."""
        return DEFAULT_QUESTIONS["picture"][0]

    @property
    def can_ask(self) -> bool:
        """Whether there is a part to ask about, and nothing else is being answered."""
        stage = self._session.stage
        return stage.region is not None and self._session.conversation.idle and self._asked is None

    def cancel(self) -> None:
        """Choose no part after all."""
        self._session.stage.end_drawing()

    def ask(self, question: str) -> None:
        """Ask this about the part that is drawn."""
        stage = self._session.stage
        if not self.can_ask or stage.picture is None or stage.region is None or stage.image is None:
            return
        box = on_pixels(stage.region, stage.image.width, stage.image.height)
        region = Region(stage.picture, stage.sheet, box)
        self._asked = region, question.strip() or self.default_question
        self._request_id = new_request_id("part")
        self._engine.send(show_request(self._request_id, region.of, region.sheet, region.box))

    def close(self) -> None:
        """Remove what is only needed while the app runs; what was asked about is kept with the conversation."""
        self._folder.cleanup()

    def _toggle(self) -> None:
        stage = self._session.stage
        if stage.is_drawing:
            self.cancel()
        else:
            stage.is_drawing = True

    def _on_event_received(self, event: Event) -> None:
        if self._asked is None or event.request_id != self._request_id:
            return
        (region, question), self._asked = self._asked, None
        if isinstance(event, MediaShown):
            self._begin(region, question, event)
        elif isinstance(event, EngineFailed) and event.code != GONE_CODE:
            self._say(f"{with_names(event.message, [region.of])} {event.hint}".strip())

    def _begin(self, region: Region, question: str, part: MediaShown) -> None:
        try:
            path = self._take(Path(part.display))
        except OSError as error:
            self._say(tr("The part cannot be kept: {error}. Make room on the disk.", error=error.strerror or error))
            return
        if not self._session.conversation.idle:  # something else was asked meanwhile; the part stays drawn
            return
        attachment = Attachment(str(path), name=tr("Part of {name}", name=region.of.name), region=region)
        attachment.width, attachment.height = part.width, part.height
        self._session.notices.dismiss(REGION_SUBJECT)
        self._session.stage.end_drawing()
        self._engine_actions.probe(attachment)
        self._conversation.begin(Turn(question, (attachment,)))

    def _take(self, file: Path) -> Path:
        """The engine's file as one of ours, which an engine that ends does not take with it."""
        ours = Path(self._folder.name) / f"Part {next(_numbers)}{file.suffix}"
        with contextlib.suppress(OSError):
            os.link(file, ours)
            return ours
        return Path(shutil.copyfile(file, ours))

    def _say(self, text: str) -> None:
        self._session.notices.show(Notice("problem", text, REGION_SUBJECT))

    def _update(self, *_: object) -> None:
        stage = self._session.stage
        self.draw.enabled = stage.is_open and stage.image is not None and stage.tab == "picture"
        self.draw.checked = stage.is_drawing


def on_pixels(box: Place, width: int, height: int) -> Place:
    """The part with its edges on whole pixels and at least one of them inside; as it is where no size is known."""
    if not width or not height:
        return box
    top, left, bottom, right = box
    x1, y1 = min(round(left * width / 1000), width - 1), min(round(top * height / 1000), height - 1)
    x2, y2 = max(round(right * width / 1000), x1 + 1), max(round(bottom * height / 1000), y1 + 1)
    return y1 * 1000 / height, x1 * 1000 / width, y2 * 1000 / height, x2 * 1000 / width
