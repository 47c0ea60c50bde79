"""A model on its way: how far it is, how fast, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.actions.models import ModelActions
from app.state.models import DownloadStatus, ModelDownload
from app.views import figures, theme
from app.views.icon_button import IconButton
from app.views.models.progress_line import ProgressLine
from app.words import tr


class DownloadRow(QWidget):
    """Follows one download."""

    def __init__(self, download: ModelDownload, actions: ModelActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._download, self._actions = download, actions
        self.setAccessibleName(download.title)
        title = QLabel(download.title, self)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setProperty("role", "row-title")
        self.go_on = IconButton("pause", tr("Pause"), self)
        self.go_on.clicked.connect(self._on_go_on_clicked)
        self.cancel = IconButton("close", tr("Cancel Download"), self)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self.line = ProgressLine(self)
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(title, 1)
        head.addWidget(self.go_on)
        head.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.GRID // 2, 0, theme.GRID)
        column.setSpacing(theme.GRID // 2)
        column.addLayout(head)
        column.addWidget(self.line)
        column.addWidget(self.words)
        self.token = self._token_field()
        column.addWidget(self.token)
        for changed in (download.status_changed, download.done_changed, download.problem_changed):
            changed.connect(self._follow)
        self._follow()

    def _token_field(self) -> QWidget:
        field = QWidget(self)
        self.token_edit = QLineEdit(field)
        self.token_edit.setProperty("role", "field")
        self.token_edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.token_edit.setPlaceholderText(tr("Token, like hf_…"))
        self.token_edit.setAccessibleName(tr("Token for the Hub"))
        self.token_edit.returnPressed.connect(self._on_token_given)
        button = QPushButton(tr("Save and resume"), field)
        button.clicked.connect(self._on_token_given)
        row = QHBoxLayout(field)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.token_edit, 1)
        row.addWidget(button)
        return field

    def _follow(self, *_: object) -> None:
        download = self._download
        goes_on = download.status.goes_on
        self.go_on.set_icon("pause" if goes_on else "resume")
        self.go_on.set_title(tr("Pause") if goes_on else tr("Resume"))
        self.line.show_share(download.share, waits=not goes_on)
        role = "danger-quiet" if download.problem else "quiet"
        if self.words.property("role") != role:
            self.words.setProperty("role", role)
            self.words.style().polish(self.words)
        self.words.setText(describe(download))
        self.token.setVisible(download.wants_token)

    def _on_go_on_clicked(self) -> None:
        if self._download.status.goes_on:
            self._actions.pause(self._download)
        else:
            self._actions.download(self._download.repository)

    def _on_cancel_clicked(self) -> None:
        self._actions.cancel(self._download)

    def _on_token_given(self) -> None:
        token = self.token_edit.text().strip()
        if token:
            self._actions.set_token(token)


def describe(download: ModelDownload) -> str:
    """`1.2 of 3.6 GB · 12 MB/s · 3 min left`, or what is the matter."""
    here = figures.part_of(download.done, download.total) if download.total else tr("Looking…")
    match download.status:
        case DownloadStatus.FAILED:
            return download.problem
        case DownloadStatus.PAUSED:
            return figures.joined(here, "paused")
        case DownloadStatus.CHECKING:
            return figures.joined(here, "checking")
        case _:
            left = download.seconds_left
            rate = f"{figures.size(download.rate)}/s" if download.rate else ""
            return figures.joined(here, rate, figures.time_left(left) if left is not None else "")
