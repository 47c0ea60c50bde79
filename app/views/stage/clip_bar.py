"""What stands below a clip: the frames that the model sees, and how its sound goes on beside them."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.actions.listening import ListeningActions
from app.state.attachments import Attachment
from app.state.session import Session
from app.views.stage.frame_strip import FrameStrip
from app.views.stage.sound_bar import SoundBar
from app.views.theme import GRID


class ClipBar(QWidget):
    """Follows the stage; takes no room without a clip.

    Attributes:
        strip: of its frames.
        sound: the player, for a clip that has a sound track.
    """

    def __init__(self, session: Session, listening: ListeningActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = session.stage
        self._clip: Attachment | None = None
        self.strip = FrameStrip(session.stage, self)
        self.sound = SoundBar(session.listening, listening, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.strip)
        column.addWidget(self.sound)
        self._stage.picture_changed.connect(self._on_picture_changed)
        self._on_picture_changed(self._stage.picture)

    def _on_picture_changed(self, picture: Attachment | None) -> None:
        if self._clip is not None:
            self._clip.has_sound_changed.disconnect(self._follow)
        self._clip = picture if picture is not None and picture.kind == "clip" else None
        if self._clip is not None:
            self._clip.has_sound_changed.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        clip = self._clip
        heard = clip is not None and clip.is_heard
        self.setVisible(clip is not None)
        self.sound.setVisible(heard)
        self.sound.follow(clip if heard else None)
