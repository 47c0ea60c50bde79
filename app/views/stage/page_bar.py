"""The row above the page: how it is looked at, how wide it is, its code, and where it can go."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.actions.action import Action
from app.actions.page import PageActions
from app.state.page import PageMode, PageProject, PageWidth
from app.views.action_button import ActionButton
from app.views.flow_layout import FlowLayout
from app.views.icon_button import IconButton
from app.views.segmented import Choice, Segmented
from app.views.theme import GRID
from app.words import tr

_MODES = (
    Choice("swipe", tr("Swipe"), help=tr("Screenshot and page with a line between them to drag")),
    Choice("blink", tr("Blink"), help=tr("Screenshot and page in turn")),
    Choice("difference", tr("Difference"), help=tr("Where the page differs from the screenshot")),
    Choice("page", tr("Page"), help=tr("The page alone")),
)
_WIDTHS = (
    Choice("screenshot", tr("As wide as the screenshot"), "picture"),
    Choice("desktop", tr("As wide as a desktop"), "desktop"),
    Choice("phone", tr("As wide as a phone"), "phone"),
)


class PageBar(QWidget):
    """Follows one project."""

    def __init__(self, actions: PageActions, scripts: Callable[[], None], parent: QWidget | None = None) -> None:
        """`scripts` opens the version that is shown in the browser, with its scripts."""
        super().__init__(parent)
        self._project: PageProject | None = None
        self.modes = Segmented(tr("How to compare"), _MODES, self)
        self.widths = Segmented(tr("Width of the page"), _WIDTHS, self)
        self.modes.chosen.connect(self._on_mode_chosen)
        self.widths.chosen.connect(self._on_width_chosen)
        self.code = ActionButton("code", actions.toggle_code, self)
        self.copy = ActionButton("copy", actions.copy_html, self)
        self.more = IconButton("more", tr("More"), self)
        self.more.clicked.connect(self._on_more_clicked)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        for action in (actions.save, actions.open_in_browser):
            _add(self.menu, action)
        self.menu.addSeparator()
        run = QAction(tr("Run Scripts in Browser"), self.menu)
        run.setToolTip(tr("Opens this version as it was written, outside of Prism's protection"))
        run.triggered.connect(scripts)
        self.menu.addAction(run)
        deeds = QWidget(self)
        row = QHBoxLayout(deeds)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.code, self.copy, self.more):
            row.addWidget(button)
        inside = QWidget(self)
        flow = FlowLayout(inside, spacing=GRID, last_at_end=True)
        for widget in (self.modes, self.widths, deeds):
            flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, GRID, 0)
        column.addWidget(inside)

    def follow(self, project: PageProject | None) -> None:
        """Show and change how this one is looked at."""
        if self._project is not None:
            self._project.mode_changed.disconnect(self._follow)
            self._project.width_changed.disconnect(self._follow)
        self._project = project
        if project is not None:
            project.mode_changed.connect(self._follow)
            project.width_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        project = self._project
        if project is not None:
            alone = project.width != "screenshot"
            self.modes.set_current("page" if alone else project.mode)
            self.widths.set_current(project.width)

    def _on_mode_chosen(self, mode: str) -> None:
        """Comparing needs the screenshot's width."""
        if self._project is not None:
            self._project.mode = cast(PageMode, mode)
            self._project.width = "screenshot"

    def _on_width_chosen(self, width: str) -> None:
        if self._project is not None:
            self._project.width = cast(PageWidth, width)

    def _on_more_clicked(self) -> None:
        self.menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))


def _add(menu: QMenu, action: Action) -> None:
    entry = QAction(action.title, menu)
    entry.setEnabled(action.enabled)
    action.enabled_changed.connect(entry.setEnabled)
    entry.triggered.connect(action.trigger)
    menu.addAction(entry)
