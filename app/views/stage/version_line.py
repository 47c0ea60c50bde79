"""One line about the version that is looked at: how like the screenshot it is, what happens, what is wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.state.page import PageProject, PageVersion, VersionStatus
from app.views import figures, theme
from app.views.sign_glyph import SignGlyph
from app.views.theme import GRID
from app.words import tr, trn
from mlx_gemma4.protocol.events import PagesCompared

_MOST_FAULTS_HEIGHT = 120


class VersionLine(QWidget):
    """The sentence, and the faults behind a button.

    Attributes:
        faults: unfolds the list.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project: PageProject | None = None
        self._version: PageVersion | None = None
        self._problem, self._info = SignGlyph(True, self), SignGlyph(False, self)
        self._figure, self._words = QLabel(self), QLabel(self)
        self._words.setProperty("role", "quiet")
        for label in (self._figure, self._words):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.faults = QPushButton(self)
        self.faults.setProperty("role", "link")
        self.faults.setCheckable(True)
        self._list = QLabel()
        self._list.setTextFormat(Qt.TextFormat.PlainText)
        self._list.setWordWrap(True)
        self._list.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._list.setContentsMargins(0, 0, GRID, 0)
        self._fold = QScrollArea(self)
        self._fold.setFrameShape(QFrame.Shape.NoFrame)
        self._fold.setWidgetResizable(True)
        self._fold.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._fold.setWidget(self._list)
        self._fold.hide()
        self.faults.toggled.connect(self._on_toggled)
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self._problem, self._info, self._figure):
            row.addWidget(widget)
        row.addWidget(self._words, 1)
        row.addWidget(self.faults)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 0, GRID, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._fold)
        self.setMinimumHeight(theme.scaled(theme.TARGET) + 4)

    def follow(self, project: PageProject | None) -> None:
        """This project's current version."""
        if self._project is not None:
            self._project.current_changed.disconnect(self._on_current_changed)
            self._project.remark_changed.disconnect(self._follow)
        self._project = project
        if project is not None:
            project.current_changed.connect(self._on_current_changed)
            project.remark_changed.connect(self._follow)
        self._on_current_changed(project.current if project else None)

    def _on_current_changed(self, version: PageVersion | None) -> None:
        for changed in self._heard():
            changed.disconnect(self._follow)
        self._version = version
        for changed in self._heard():
            changed.connect(self._follow)
        self._follow()

    def _heard(self) -> list[SignalInstance]:
        version = self._version
        if version is None:
            return []
        return [
            version.status_changed, version.rendering_changed, version.fidelity_changed, version.faults_changed,
            version.problem_changed,
        ]  # fmt: skip

    def _follow(self) -> None:
        version = self._version
        compared = version.fidelity if version else None
        self._figure.setText(figures.alike(compared.fidelity) if compared else "")
        self._figure.setToolTip(parts(compared) if compared else "")
        self._figure.setVisible(compared is not None)
        words, problem, notice = _sentence(self._project, version)
        self._words.setText(words)
        self._problem.setVisible(problem)
        self._info.setVisible(notice)
        faults = version.faults if version else ()
        self.faults.setVisible(bool(faults))
        self.faults.setText(trn("{n} fault listed", "{n} faults listed", len(faults)))
        self._list.setText("\n".join(f"–  {fault}" for fault in faults))
        self._on_toggled(self.faults.isChecked())

    def _on_toggled(self, unfolded: bool) -> None:
        shown = unfolded and not self.faults.isHidden()
        self._fold.setVisible(shown)
        needed = self._list.heightForWidth(max(self.width() - 4 * GRID, 100)) + GRID
        self._fold.setFixedHeight(min(needed, theme.scaled(_MOST_FAULTS_HEIGHT)))


def parts(compared: PagesCompared) -> str:
    """What the figure is made of."""
    named = [
        (tr("Layout"), compared.layout), (tr("position"), compared.position), (tr("colour"), compared.colour),
        ("edges", compared.edges), ("text", compared.text),
    ]  # fmt: skip
    return ", ".join(f"{name} {round(value * 100)} %" for name, value in named if value is not None)


def _sentence(project: PageProject | None, version: PageVersion | None) -> tuple[str, bool, bool]:
    """What is to be said, whether it is a problem, and whether it is something to know."""
    if project is None or version is None:
        return "", False, False
    if version.problem:
        return version.problem, True, False
    match version.status:
        case VersionStatus.WRITING:
            looking = version.made_from is not None and not version.html
            return (tr("Looking for what differs…") if looking else tr("Writing…")), False, False
        case VersionStatus.FAILED:
            return tr("There is no page in this answer."), True, False
        case VersionStatus.CUT_OFF:
            return tr("The answer broke off. This is what there is of the page."), False, True
        case VersionStatus.READY:
            pass
    if version.rendering is None:
        return tr("Drawing the page…"), False, False
    if version.rendering.notice:
        return version.rendering.notice, False, True
    if version.fidelity is None:
        return tr("Comparing page and screenshot…"), False, False
    return project.remark, False, False
