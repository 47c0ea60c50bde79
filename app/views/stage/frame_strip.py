"""The frames of a clip that the model sees, with their times; those with boxes are marked."""

from __future__ import annotations

from collections import Counter

from PySide6.QtWidgets import QWidget

from app.state.attachments import Attachment
from app.state.stage import Stage
from app.state.turn import Turn
from app.views.stage.card_strip import CardStrip
from app.views.stage.frame_card import FrameCard
from app.words import tr


class FrameStrip(CardStrip[FrameCard]):
    """Follows the stage; is there while a clip is on it."""

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(tr("Frames that the model sees"), parent)
        self._stage = stage
        self._clip: Attachment | None = None
        self._turn: Turn | None = None
        self.chosen.connect(self._on_chosen)
        stage.picture_changed.connect(self._on_picture_changed)
        stage.image_changed.connect(self._follow)
        stage.turn_changed.connect(self._on_turn_changed)
        self._on_picture_changed(stage.picture)
        self._on_turn_changed(stage.turn)

    def _on_picture_changed(self, picture: Attachment | None) -> None:
        if self._clip is not None:
            self._clip.moments_changed.disconnect(self._build)
        self._clip = picture if picture is not None and picture.kind == "clip" else None
        if self._clip is not None:
            self._clip.moments_changed.connect(self._build)
        self._build()

    def _build(self, *_: object) -> None:
        self.clear()
        clip = self._clip
        if clip is not None and clip.sheet_count > 1:
            for index in range(clip.sheet_count):
                self.put(FrameCard(clip, index, self._stage.sheets.get(clip, index), self.widget()))
        self.setVisible(bool(self.cards))
        self._count_boxes()
        self._follow()

    def _follow(self, *_: object) -> None:
        if self._clip is self._stage.picture and self.cards:
            self.show_current(self._stage.sheet)

    def _on_turn_changed(self, turn: Turn | None) -> None:
        if self._turn is not None:
            for changed in (self._turn.box_found, self._turn.restarted):
                changed.disconnect(self._count_boxes)
        self._turn = turn
        if turn is not None:
            for changed in (turn.box_found, turn.restarted):
                changed.connect(self._count_boxes)
        self._count_boxes()

    def _count_boxes(self, *_: object) -> None:
        found = self._turn.boxes if self._turn is not None else []
        counts = Counter(box.sheet for box in found if box.media_index == self._stage.media_index)
        for index, card in enumerate(self.cards):
            card.show_boxes(counts[index])

    def _on_chosen(self, index: int) -> None:
        stage = self._stage
        if stage.turn is not None:
            stage.show(stage.turn, stage.media_index, index)
