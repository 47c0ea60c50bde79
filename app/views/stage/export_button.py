"""One glyph for everything that can be made of the boxes."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from app.actions.boxes import BoxActions
from app.views.icon_button import IconButton
from app.views.menus import MenuAction
from app.words import tr


class ExportButton(IconButton):
    """Opens a menu; it can be pressed while there are boxes."""

    def __init__(self, actions: BoxActions, parent: QWidget | None = None) -> None:
        super().__init__("export", tr("Export boxes"), parent)
        self._actions = actions
        self.clicked.connect(self._on_clicked)
        actions.copy.enabled_changed.connect(self.setEnabled)
        self.setEnabled(actions.copy.enabled)

    def menu(self) -> QMenu:
        """What there is to choose from."""
        menu = QMenu(self)
        for action in self._actions.exports:
            menu.addAction(MenuAction(action, menu, shortcuts=False))
        menu.addSeparator()
        menu.addAction(MenuAction(self._actions.copy, menu, shortcuts=False))
        return menu

    def _on_clicked(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(self.width() - menu.sizeHint().width(), self.height() + 2)))
