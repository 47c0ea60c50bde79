"""The one thing to do next: fix what differs, in one to five rounds; while they run, stop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, SignalInstance
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from app.actions.action import Action
from app.state.page import MOST_ROUNDS, PageProject, VersionStatus
from app.views import figures
from app.views.icon_button import IconButton
from app.words import tr

_USUAL_ROUNDS = 1


class RoundsButton(QWidget):
    """A button, the number of rounds behind an arrow, and below them which round runs.

    Attributes:
        rounds: how many a press starts.
    """

    def __init__(self, fix: Callable[[int], None], enabled: Action, stop: Action, parent: QWidget) -> None:
        """`fix` is called with the number of rounds; it can be done while `enabled` can."""
        super().__init__(parent)
        self._fix, self._action, self._stop = fix, enabled, stop
        self._project: PageProject | None = None
        self.rounds = _USUAL_ROUNDS
        self.button = QPushButton(self)
        self.button.setProperty("role", "primary")
        self.button.clicked.connect(self._on_clicked)
        self.more = IconButton("chevron-down", tr("Choose how many rounds"), self)
        self.more.clicked.connect(self._on_more_clicked)
        self.menu = QMenu(self)
        group = QActionGroup(self.menu)
        for number in range(1, MOST_ROUNDS + 1):
            entry = QAction(figures.counted(number, "round"), self.menu, checkable=True)
            entry.setChecked(number == self.rounds)
            entry.setData(number)
            group.addAction(entry)
        self.menu.addActions(group.actions())
        group.triggered.connect(self._on_chosen)
        self._state = QLabel(self)
        self._state.setProperty("role", "quiet")
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addStretch(1)
        column.addLayout(row)
        column.addWidget(self._state)
        column.addStretch(1)
        enabled.enabled_changed.connect(self._follow)
        stop.enabled_changed.connect(self._follow)
        self._follow()

    def follow(self, project: PageProject | None) -> None:
        """This project's rounds."""
        for changed in self._heard():
            changed.disconnect(self._follow)
        self._project = project
        for changed in self._heard():
            changed.connect(self._follow)
        self._follow()

    @property
    def stops(self) -> bool:
        """Whether a press stops what runs."""
        project = self._project
        if project is None or not self._stop.enabled:
            return False
        writing = project.current is not None and project.current.status is VersionStatus.WRITING
        return project.rounds > 0 or writing

    def _heard(self) -> list[SignalInstance]:
        project = self._project
        return [project.rounds_changed, project.round_changed, project.current_changed] if project else []

    def _follow(self) -> None:
        project, stops = self._project, self.stops
        self.button.setText(tr("Stop") if stops else tr("Fix what differs"))
        self.button.setToolTip("" if stops else tr("List what differs from the screenshot, then correct it"))
        self.button.setEnabled(stops or self._action.enabled)
        self.more.setVisible(not stops)
        self.more.setEnabled(self._action.enabled)
        if project is not None and project.rounds > 0:
            self._state.setText(tr("Round {round} of {rounds}", round=max(project.round, 1), rounds=project.rounds))
        else:
            self._state.setText("" if stops or self.rounds == 1 else tr("up to {rounds} rounds", rounds=self.rounds))
        self._state.setVisible(bool(self._state.text()))

    def _on_clicked(self) -> None:
        if self.stops:
            self._stop.trigger()
        else:
            self._fix(self.rounds)

    def _on_more_clicked(self) -> None:
        self.menu.popup(self.more.mapToGlobal(QPoint(0, -self.menu.sizeHint().height())))

    def _on_chosen(self, entry: QAction) -> None:
        self.rounds = entry.data()
        self._follow()
