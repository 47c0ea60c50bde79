"""What can be done with what is attached besides asking: having a recording, or a clip's sound, written down."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.actions.action import Action
from app.views import theme
from app.words import tr


class WriteOffer(QWidget):
    """There as long as that can be done."""

    def __init__(self, write_down: Action, parent: QWidget) -> None:
        super().__init__(parent)
        self._write_down = write_down
        button = QPushButton(tr("Write it down"), self)
        button.clicked.connect(write_down.trigger)
        told = QLabel(tr("Every word, with times"), self)
        told.setProperty("role", "quiet")
        button.setAccessibleDescription(told.text())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(button)
        row.addWidget(told, 1)
        write_down.enabled_changed.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        self.setVisible(self._write_down.enabled)
