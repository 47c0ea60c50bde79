"""The tray of Linux desktops."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.platform.bundled import bundled
from app.platform.menu_bar import Entries


class TrayItem:
    """Appears as soon as there is a tray, also one that is started later."""

    def __init__(self, entries: Entries, clicked: Callable[[], None]) -> None:
        self._clicked = clicked
        self._menu = QMenu()
        for entry in entries:
            if entry is None:
                self._menu.addSeparator()
            else:
                self._menu.addAction(entry.title).triggered.connect(lambda _=False, run=entry.run: run())
        self._icon = QSystemTrayIcon(QIcon(str(bundled("icons/prism.png"))))
        self._icon.setToolTip("Prism")
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_activated)
        self._icon.show()

    @property
    def is_shown(self) -> bool:
        """See `MenuBarItem`."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def close(self) -> None:
        """See `MenuBarItem`."""
        self._icon.hide()
        self._menu.deleteLater()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._clicked()
