"""The code of the version that is looked at: followed while it is written, and written by hand afterwards."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.state.page import PageElement, PageProject, PageVersion, VersionStatus
from app.views import figures, theme
from app.views.stage.code_editor import CodeEditor
from app.views.stage.element_source import element_span
from app.views.theme import GRID
from app.words import tr

PAUSE_MS = 1500
"""After so long without a key, what was written becomes a version."""
_EDITABLE = (VersionStatus.READY, VersionStatus.CUT_OFF)
Edit = Callable[[PageProject, str, PageVersion], None]


class CodePane(QWidget):
    """Follows one project. Nothing that is written here is lost: it becomes a version, at the latest on leaving.

    Attributes:
        editor: the code.
    """

    def __init__(self, edit: Edit, parent: QWidget | None = None) -> None:
        """`edit` is called with what has been written, and the version that it was made from."""
        super().__init__(parent)
        self._edit = edit
        self._project: PageProject | None = None
        self._version: PageVersion | None = None
        self._unsaved = False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.save)
        self.editor = CodeEditor(self)
        self.editor.edited.connect(self._on_edited)
        self.editor.apply_wanted.connect(self.save)
        self._state = QLabel(self)
        self._state.setProperty("role", "quiet")
        self._apply = QPushButton(tr("Apply"), self)
        self._apply.setToolTip(tr("Make this a version (Ctrl+Return)"))
        self._apply.clicked.connect(self.save)
        row = QHBoxLayout()
        row.setContentsMargins(2 * GRID, GRID // 2, GRID, GRID // 2)
        row.addWidget(self._state)
        row.addStretch(1)
        row.addWidget(self._apply)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.editor, 1)
        self._follow()

    def follow(self, project: PageProject | None) -> None:
        """Show the code of this one from now on."""
        if self._project is not None:
            self.save()
            self._project.current_changed.disconnect(self._on_current_changed)
            self._project.subject_changed.disconnect(self._on_subject_changed)
        self._project = project
        if project is not None:
            project.current_changed.connect(self._on_current_changed)
            project.subject_changed.connect(self._on_subject_changed)
        self._on_current_changed(project.current if project else None)

    def save(self) -> None:
        """What has been written becomes a version."""
        self._pause.stop()
        if self._unsaved and self._project is not None and self._version is not None:
            self._unsaved = False
            self._edit(self._project, self.editor.code(), self._version)
        self._follow()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline where the code begins."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colours_of(self).raised)
        painter.end()

    def _on_edited(self) -> None:
        self._unsaved = self._version is not None and self.editor.code() != self._version.html
        if self._unsaved:
            self._pause.start()
        else:
            self._pause.stop()
        self._follow()

    def _on_current_changed(self, version: PageVersion | None) -> None:
        self.save()  # of the version that is left
        if self._version is not None:
            self._version.html_changed.disconnect(self._on_html_changed)
            self._version.status_changed.disconnect(self._follow)
        self._version = version
        if version is not None:
            version.html_changed.connect(self._on_html_changed)
            version.status_changed.connect(self._follow)
        self._follow()
        self._on_html_changed(version.html if version else "")

    def _on_html_changed(self, html: str) -> None:
        self.editor.show_code(html)
        self._follow()

    def _on_subject_changed(self, element: PageElement | None) -> None:
        project, version = self._project, self._version
        rendering = None
        if project is not None and version is not None:
            rendering = version.rendering if project.width == "screenshot" else project.preview
        span = None
        if element is not None and rendering is not None:
            span = element_span(element, rendering, self.editor.code())
        self.editor.mark(*(span or (0, 0)))

    def _follow(self) -> None:
        version = self._version
        editable = version is not None and version.status in _EDITABLE
        self.editor.setReadOnly(not editable)
        self._apply.setEnabled(self._unsaved)
        if version is not None and version.status is VersionStatus.WRITING:
            self._state.setText(tr("Being written…"))
        elif self._unsaved:
            self._state.setText(tr("Changed"))
        else:
            self._state.setText(figures.counted(self.editor.blockCount(), "line") if version else "")
