"""A glyph that does one of the actions."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from app.actions.action import Action
from app.views.icon_button import IconButton


class ActionButton(IconButton):
    """Follows its action; the tooltip has the verb and the keys."""

    def __init__(self, icon: str, action: Action, parent: QWidget | None = None) -> None:
        super().__init__(icon, action.title, parent)
        self._action = action
        self.set_title(action.title.rstrip("…"), QKeySequence(action.shortcuts[0]) if action.shortcuts else None)
        self.setCheckable(action.checked is not None)
        self._follow()
        action.enabled_changed.connect(self._follow)
        action.checked_changed.connect(self._follow)
        self.clicked.connect(self._on_clicked)

    def _follow(self) -> None:
        self.setEnabled(self._action.enabled)
        if self._action.checked is not None:
            self.setChecked(self._action.checked)

    def _on_clicked(self) -> None:
        self._action.trigger()
        self._follow()
