"""The page's side of the stage: screenshot and page, the code, the versions, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from app.actions.action import Action
from app.actions.page import PageActions
from app.state.page import PageElement, PageProject, PageVersion
from app.state.stage import Stage
from app.views import theme
from app.views.stage.code_pane import CodePane
from app.views.stage.page_bar import PageBar
from app.views.stage.page_canvas import PageCanvas
from app.views.stage.rounds_button import RoundsButton
from app.views.stage.subject_card import SubjectCard
from app.views.stage.version_line import VersionLine
from app.views.stage.version_strip import VersionStrip
from app.views.theme import GRID

_WIDE = 900
"""From here on, the code stands beside the page; below it otherwise."""

_TALL = 330
"""Lower than this there is no room for both, and the code stands alone."""

_SHARES = (540, 460)
"""Of the page and of its code."""


class PageView(QWidget):
    """Follows the page on the stage.

    Attributes:
        bar, canvas, code, subject, line, strip, rounds: its parts.
    """

    def __init__(
        self,
        stage: Stage,
        actions: PageActions,
        stop: Action,
        parent: QWidget | None = None,
        *,
        animated: bool | None = None,
    ) -> None:
        """`stop` ends what is being written; `animated` None asks the system."""
        super().__init__(parent)
        self._stage, self._actions = stage, actions
        self._project: PageProject | None = None
        self.bar = PageBar(actions, self._on_scripts_wanted, self)
        self.canvas = PageCanvas(stage, self._select, self, animated=animated)
        self.code = CodePane(self._edit, self)
        self.subject = SubjectCard(self._on_change_wanted, self._on_left, stop, self.canvas)
        self.line = VersionLine(self)
        self.strip = VersionStrip(self._on_version_wanted, self)
        self.rounds = RoundsButton(self._on_fix_wanted, actions.fix, stop, self)
        self._split = QSplitter(Qt.Orientation.Vertical, self)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        self._split.addWidget(self.canvas)
        self._split.addWidget(self.code)
        for index, share in enumerate(_SHARES):
            self._split.setStretchFactor(index, share)
        self._split.setSizes(_SHARES)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._split, 1)
        column.addWidget(self.line)
        column.addWidget(_hairline(self))
        column.addLayout(self._below())
        for action in (actions.fix, actions.copy_html, actions.save, actions.open_in_browser):
            action.triggering.connect(self.code.save)  # they are about what is written, also by hand
        self.canvas.words_wanted.connect(self.subject.field.setFocus)
        stage.page_changed.connect(self._on_page_changed)
        self._on_page_changed(stage.page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room, and the code alone where there is none."""
        wanted = Qt.Orientation.Horizontal if self.width() >= theme.scaled(_WIDE) else Qt.Orientation.Vertical
        super().resizeEvent(event)
        if wanted != self._split.orientation():
            self._split.setOrientation(wanted)
            self._split.setSizes(_SHARES)
        self._make_room()

    def _make_room(self) -> None:
        roomy = not self.code.isVisibleTo(self) or self.height() >= theme.scaled(_TALL)
        self.canvas.setVisible(roomy)
        self.line.setVisible(roomy)

    def _below(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(GRID, GRID // 2, 2 * GRID, GRID // 2)
        row.setSpacing(GRID)
        row.addWidget(self.strip, 1)
        row.addWidget(self.rounds)
        return row

    def _on_page_changed(self, project: PageProject | None) -> None:
        if self._project is not None:
            self._project.code_shown_changed.disconnect(self._on_code_shown_changed)
        self._project = project
        if project is not None:
            project.code_shown_changed.connect(self._on_code_shown_changed)
        for part in (self.bar, self.code, self.subject, self.line, self.strip, self.rounds):
            part.follow(project)
        self._on_code_shown_changed(project is not None and project.code_shown)

    def _on_code_shown_changed(self, shown: bool) -> None:
        if not shown:
            self.code.save()
        self.code.setVisible(shown)
        self._make_room()

    def _edit(self, project: PageProject, html: str, version: PageVersion) -> None:
        self._actions.edit(project, html, None if project.current is version else version)

    def _select(self, project: PageProject, element: PageElement | None) -> None:
        self._actions.select_element(project, element)

    def _on_left(self) -> None:
        if self._project is not None:
            self._actions.select_element(self._project, None)
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_change_wanted(self, wish: str) -> None:
        if self._project is not None:
            self.code.save()
            self._actions.ask_change(self._project, wish)

    def _on_version_wanted(self, version: PageVersion) -> None:
        if self._project is not None:
            self.code.save()
            self._actions.show_version(self._project, version)

    def _on_fix_wanted(self, rounds: int) -> None:
        if self._project is not None:
            self.code.save()
            self._actions.fix_rounds(self._project, rounds)

    def _on_scripts_wanted(self) -> None:
        self.code.save()
        if self._project is not None and self._project.current is not None:
            self._actions.open_with_scripts(self._project, self._project.current)


def _hairline(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setProperty("role", "hairline")
    line.setFixedHeight(1)
    return line
