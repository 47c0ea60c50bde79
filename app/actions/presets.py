"""Choosing how the model answers, and making ways of answering."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.actions.action import Action
from app.actions.asking import thinking_now
from app.state.presets import Preset, Thinking
from app.state.session import Session
from app.words import tr


class PresetActions(QObject):
    """Acts on presets and on the conversation's choice. Signal `editing_wanted`: the person wants to see them all."""

    editing_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.edit = Action("presets.edit", tr("Presets…"), self.editing_wanted.emit, "Ctrl+Alt+P")
        self.bring_back = Action("presets.undo", tr("Bring Back Removed Preset"), session.presets.bring_back)
        session.presets.removed_changed.connect(self._update)
        self._update()

    def choose(self, key: str) -> None:
        """Answer this way in this conversation; whether the model thinks is the preset's business again."""
        self._session.conversation.preset = key
        self._session.conversation.thinking = None

    def think(self, thinking: Thinking) -> None:
        """Think so in this conversation, whatever the preset says."""
        self._session.conversation.thinking = thinking

    @property
    def thinking(self) -> Thinking:
        """As it is now."""
        return thinking_now(self._session)

    def create(self, like: Preset) -> Preset:
        """A new one that begins as this."""
        return self._session.presets.copy(like)

    def change(self, preset: Preset) -> None:
        """Keep what has become of one of the person's own."""
        self._session.presets.change(preset)

    def remove(self, preset: Preset) -> None:
        """Take one out; it can come back."""
        self._session.presets.remove(preset.key)

    def _update(self, *_: object) -> None:
        self.bring_back.enabled = self._session.presets.removed is not None
