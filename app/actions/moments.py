"""Going to a moment: the clip's frame, the line of the transcript and the place in the sound go together."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.actions.listening import ListeningActions
from app.state.attachments import Attachment
from app.state.moments import Moments
from app.state.session import Session
from app.state.turn import Turn


class MomentActions(QObject):
    """Follows the times that people click, the frame that is shown, and the sound that plays."""

    def __init__(self, session: Session, listening: ListeningActions) -> None:
        super().__init__()
        self._stage, self._state, self._listening = session.stage, session.listening, listening
        self._stage.moment_wanted.connect(self.go_to)
        self._stage.image_changed.connect(self._on_image_changed)
        self._state.position_changed.connect(self._on_position_changed)

    def go_to(self, turn: Turn, seconds: float) -> None:
        """Show and, where it plays, play what a time in this turn's answer means."""
        found = Moments(turn).meant(seconds)
        if found is None:
            return
        file, where = found
        if where.transcript is not None:
            self._stage.show_transcript(where)
            self._listening.seek(file, seconds)
        elif file.kind == "sound":
            self._stage.show_recording(file)
            self._listening.seek(file, seconds)
        else:
            self._go_in_clip(turn if file in turn.pictures else where, file, file.moment_meant(seconds))

    def _go_in_clip(self, turn: Turn, clip: Attachment, seconds: float) -> None:
        if clip.is_heard:
            self._listening.seek(clip, seconds)
        self._stage.show(turn, turn.pictures.index(clip), clip.frame_at(seconds))
        self._stage.tab = "picture"

    @property
    def _clip(self) -> Attachment | None:
        """That is looked at and can be heard."""
        picture = self._stage.picture
        return picture if picture is not None and picture.moments and picture.is_heard else None

    def _on_image_changed(self, _image: object) -> None:
        """The sound goes where the frame is, unless another is being listened to."""
        clip, state, frame = self._clip, self._state, self._stage.sheet
        if clip is None or (state.plays and state.recording is not clip):
            return
        if state.recording is not clip or clip.frame_at(state.position) != frame:
            self._listening.seek(clip, clip.moments[frame])

    def _on_position_changed(self, seconds: float) -> None:
        """The frame goes where the sound is."""
        clip, stage = self._clip, self._stage
        if clip is None or stage.turn is None or self._state.recording is not clip or stage.tab != "picture":
            return
        frame = clip.frame_at(seconds)
        if frame != stage.sheet and stage.is_open:
            stage.show(stage.turn, stage.media_index, frame)
