"""How the question will be answered: the preset, and whether the model thinks first; a click opens the choices."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.actions.presets import PresetActions
from app.state.presets import Thinking
from app.state.session import Session
from app.words import tr

_BUDGETS = (256, 1024, 4096)


class PresetButton(QPushButton):
    """Says which preset this conversation has."""

    def __init__(self, session: Session, actions: PresetActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.setProperty("role", "quiet-link")
        self._has_room = True
        self.clicked.connect(self._on_clicked)
        session.conversation.preset_changed.connect(self._follow)
        session.presets.own_changed.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        preset = self._session.presets.find(self._session.conversation.preset)
        self.setText(f"{preset.name.replace('&', '&&')} ▾" if self._has_room else "▾")
        self.setAccessibleName(tr("Preset: {name}", name=preset.name))
        self.setToolTip(tr("How this conversation is answered: {name}", name=preset.name))

    def set_room(self, there_is: bool) -> None:
        """Where there is none, its name is a tooltip."""
        if there_is != self._has_room:
            self._has_room = there_is
            self._follow()

    def _on_clicked(self) -> None:
        menu, group = QMenu(self), QActionGroup(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        now = self._session.presets.find(self._session.conversation.preset)
        for preset in self._session.presets.items:
            item = menu.addAction(preset.name.replace("&", "&&"), partial(self._actions.choose, preset.key))
            item.setCheckable(True)
            item.setChecked(preset is now)
            group.addAction(item)
        menu.addSeparator()
        menu.addAction(self._actions.edit.title, self._actions.edit.trigger)
        menu.popup(self.mapToGlobal(QPoint(0, -menu.sizeHint().height())))


class ThinkButton(QPushButton):
    """Says whether the model thinks before it answers; not there with a base model, which does not, or without room."""

    def __init__(self, session: Session, actions: PresetActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.setProperty("role", "quiet-link")
        self.setToolTip(tr("Whether the model thinks before it answers"))
        self._has_room = True
        self.clicked.connect(self._on_clicked)
        for changed in (
            session.conversation.preset_changed,
            session.conversation.thinking_changed,
            session.presets.own_changed,
            session.engine.chats_changed,
        ):
            changed.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        self.setText(f"{_words(self._actions.thinking)} ▾")
        self.setVisible(self._session.engine.chats and self._has_room)

    def set_room(self, there_is: bool) -> None:
        """Where there is none, the preset beside it says the same."""
        if there_is != self._has_room:
            self._has_room = there_is
            self._follow()

    def _on_clicked(self) -> None:
        menu, group = QMenu(self), QActionGroup(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for thinking in (Thinking(), *(Thinking(True, budget) for budget in _BUDGETS), Thinking(True)):
            item = menu.addAction(_choice(thinking), partial(self._actions.think, thinking))
            item.setCheckable(True)
            item.setChecked(thinking == self._actions.thinking)
            group.addAction(item)
        menu.popup(self.mapToGlobal(QPoint(0, -menu.sizeHint().height())))


def _words(thinking: Thinking) -> str:
    if not thinking.on:
        return tr("No thinking")
    return tr("Thinks") if thinking.budget is None else tr("Thinks up to {tokens:,}", tokens=thinking.budget)


def _choice(thinking: Thinking) -> str:
    if not thinking.on:
        return tr("Answer at once")
    if thinking.budget is None:
        return tr("Think as long as it takes")
    return tr("Think, up to {tokens:,} tokens", tokens=thinking.budget)
