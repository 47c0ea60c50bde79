"""The menu bar: every action with its shortcut."""

from __future__ import annotations

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from app.actions.action import Action
from app.actions.catalogue import EDIT, Actions
from app.actions.help import ABOUT
from app.actions.preferences import QUIT, SHOW
from app.views.edit_actions import edit_actions

_ROLES = {  # a Mac has a place of its own for them
    ABOUT: QAction.MenuRole.AboutRole,
    SHOW: QAction.MenuRole.PreferencesRole,
    QUIT: QAction.MenuRole.QuitRole,
}


def fill_menu_bar(bar: QMenuBar, actions: Actions) -> None:
    """Build the menus; they follow their actions from then on."""
    for title, entries in actions.menus:
        menu = bar.addMenu(title)
        if title == EDIT:
            menu.addActions(edit_actions(menu, actions.conversation.copy_answer.trigger))
            menu.addSeparator()
        for action in entries:
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(MenuAction(action, menu))


class MenuAction(QAction):
    """An action as Qt shows it."""

    def __init__(self, action: Action, parent: QMenu, *, shortcuts: bool = True) -> None:
        """`shortcuts` False for a second menu with the same action: keys belong to one."""
        super().__init__(action.title, parent)
        self._action = action
        self.setObjectName(action.id)
        if shortcuts:
            self.setShortcuts([QKeySequence(keys) for keys in action.shortcuts])
        self.setMenuRole(_ROLES.get(action.id, QAction.MenuRole.NoRole))
        self.setCheckable(action.checked is not None)
        self._follow()
        action.enabled_changed.connect(self._follow)
        action.checked_changed.connect(self._follow)
        self.triggered.connect(self._on_triggered)

    def _follow(self) -> None:
        self.setEnabled(self._action.enabled)
        if self._action.checked is not None:
            self.setChecked(self._action.checked)

    def _on_triggered(self) -> None:
        self._action.trigger()
        self._follow()  # Qt has ticked the entry by itself; the state decides
