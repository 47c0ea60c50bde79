"""How finely the model looks at a picture or the pages of a document: a menu at the corner of its chip."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.actions.attachments import AttachmentActions
from app.state.attachments import Attachment, AttachmentStatus
from app.views import figures
from app.views.icon_button import IconButton
from app.words import tr
from mlx_gemma4.protocol.cost import SOFT_TOKEN_BUDGETS, fit_picture

NAMES = dict(
    zip(SOFT_TOKEN_BUDGETS, (tr("Low"), tr("Medium"), tr("Standard"), tr("High"), tr("Very high")), strict=True)
)
_CHOOSABLE = ("picture", "document")


class ResolutionButton(IconButton):
    """Shown once it is known what the file is."""

    def __init__(self, attachment: Attachment, actions: AttachmentActions, parent: QWidget) -> None:
        super().__init__("chevron-down", tr("Resolution of {name}", name=attachment.name), parent)
        self._attachment, self._actions = attachment, actions
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.clicked.connect(self._on_clicked)
        attachment.status_changed.connect(self._follow)
        attachment.kind_changed.connect(self._follow)
        self._follow()

    @property
    def is_offered(self) -> bool:
        """Whether there is anything to choose."""
        return self._attachment.kind in _CHOOSABLE and self._attachment.status is AttachmentStatus.READY

    def _follow(self) -> None:
        self.setVisible(self.is_offered)

    def _fill(self) -> None:
        self.menu.clear()
        group = QActionGroup(self.menu)
        current = self._attachment.budget or self._actions.usual_budget
        for budget, name in NAMES.items():
            tokens = figures.counted(tokens_of(self._attachment, budget), "token")
            choice = self.menu.addAction(figures.joined(name, tokens))
            choice.setCheckable(True)
            choice.setChecked(budget == current)
            choice.triggered.connect(partial(self._actions.choose_budget, self._attachment, budget))
            group.addAction(choice)

    def _on_clicked(self) -> None:
        self.menu.popup(self.mapToGlobal(QPoint(0, self.height())))


def tokens_of(attachment: Attachment, budget: int) -> int:
    """What the file would take with this budget; of a document whose pages differ, about."""
    one = fit_picture(max(attachment.width, 1), max(attachment.height, 1), budget).soft_tokens
    return one * max(attachment.pages, 1)
