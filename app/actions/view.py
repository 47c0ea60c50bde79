"""What is shown, and how large."""

from __future__ import annotations

from functools import partial

from app.actions.action import Action
from app.state.session import Session
from app.state.stage import Stage
from app.words import tr


class ViewActions:
    """Acts on the stage."""

    def __init__(self, session: Session) -> None:
        self._stage: Stage = session.stage
        self._session = session
        self.toggle_stage = Action("view.stage", tr("Show Stage"), self._toggle_stage, "Ctrl+I")
        zoom = self._stage.zoom
        self.zoom_in = Action("view.zoom_in", tr("Zoom In"), partial(zoom, "in"), "Ctrl++", "Ctrl+=")
        self.zoom_out = Action("view.zoom_out", tr("Zoom Out"), partial(zoom, "out"), "Ctrl+-")
        self.actual_size = Action("view.actual", tr("Actual Size"), partial(zoom, "actual"), "Ctrl+1")
        self.fit = Action("view.fit", tr("Fit Picture"), partial(zoom, "fit"), "Ctrl+0")
        self.toggle_boxes = Action("view.boxes", tr("Show All Boxes"), self._stage.toggle_all_hidden, "Ctrl+B")
        self._stage.is_open_changed.connect(self._update)
        self._stage.turn_changed.connect(self._update)
        self._stage.written_changed.connect(self._update)
        self._stage.recording_changed.connect(self._update)
        self._stage.hidden_changed.connect(self._update)
        self._update()

    def _toggle_stage(self) -> None:
        stage = self._stage
        if stage.has_something:
            stage.is_open = not stage.is_open

    def _update(self, *_: object) -> None:
        stage = self._stage
        self.toggle_stage.enabled = stage.has_something
        self.toggle_stage.checked = stage.is_open
        for action in (self.zoom_in, self.zoom_out, self.actual_size, self.fit, self.toggle_boxes):
            action.enabled = stage.is_open
        self.toggle_boxes.checked = not stage.hidden
