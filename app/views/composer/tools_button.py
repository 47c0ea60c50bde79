"""The tools of this conversation: a glyph, lit while there are any, with a menu that switches each."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.actions.tools.choice import ToolActions
from app.views.icon_button import IconButton
from app.views.menus import MenuAction
from app.words import tr


class ToolsButton(IconButton):
    """Opens the menu upwards, as it stands at the bottom of the window."""

    def __init__(self, tools: ToolActions, parent: QWidget) -> None:
        super().__init__("tools", tr("Tools"), parent)
        self._tools = tools
        self.setCheckable(True)
        self.menu = QMenu(self)
        self._remark = QAction(self.menu)
        self._remark.setEnabled(False)
        self.menu.addAction(self._remark)
        self.menu.addSeparator()
        for toggle in tools.toggles:
            self.menu.addAction(MenuAction(toggle, self.menu))
            toggle.checked_changed.connect(self._follow)
        self.menu.aboutToShow.connect(self._on_about_to_show)
        self.clicked.connect(self._on_clicked)
        self._follow()

    def _follow(self, *_: object) -> None:
        names = ", ".join(self._tools.names)
        self.setChecked(bool(names))
        self.set_title(tr("Tools: {names}", names=names) if names else tr("Tools: none"))

    def _on_about_to_show(self) -> None:
        self._remark.setText(self._tools.remark)

    def _on_clicked(self) -> None:
        self._follow()  # a click has toggled what only the menu decides
        self.menu.popup(self.mapToGlobal(QPoint(0, -self.menu.sizeHint().height())))
