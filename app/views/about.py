"""About Prism: which version this is, and the licences of everything inside."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.platform.bundled import bundled
from app.views import theme
from app.words import tr
from mlx_gemma4.protocol.version import VERSION

_SIZE = (640, 560)
_ICON = 72
_FROM_A_CHECKOUT = tr(
    "Prism is under the Apache License 2.0.\n\n"
    "This is a checkout: libraries were installed beside it, and their licences are in their own folders. "
    "Prism.app has them all here."
)


class About(QDialog):
    """Stays open beside the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Prism"))
        self.setProperty("role", "content")
        self.resize(*_SIZE)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GRID * 3, theme.GRID * 3, theme.GRID * 3, theme.GRID * 3)
        column.setSpacing(theme.GRID * 2)
        column.addLayout(self._head())
        self._licences = QPlainTextEdit(licences(), self)
        self._licences.setProperty("role", "field")
        self._licences.setReadOnly(True)
        self._licences.setTabChangesFocus(True)
        self._licences.setAccessibleName(tr("Licences"))
        column.addWidget(self._licences, 1)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(theme.GRID * 2)
        icon = QLabel(self)
        icon.setPixmap(QIcon(str(bundled("icons/prism.png"))).pixmap(_ICON, _ICON))
        head.addWidget(icon)
        words = QVBoxLayout()
        name = QLabel(tr("Prism {version}", version=VERSION), self)
        name.setProperty("role", "title")
        said = QLabel(
            tr("Gemma 4 on your own computer. Gemma is Google's; this is an independent implementation."), self
        )
        said.setProperty("role", "quiet")
        said.setWordWrap(True)
        for label in (name, said):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.addWidget(label)
        head.addLayout(words, 1)
        return head


def licences() -> str:
    """The text that was collected when Prism.app was made."""
    try:
        return bundled("licences.txt").read_text(encoding="utf-8")
    except FileNotFoundError:
        return _FROM_A_CHECKOUT
