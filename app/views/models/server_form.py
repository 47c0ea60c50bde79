"""Where the address and the key of a server are entered; it stays while the sheet around it is filled anew."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.actions.servers import ServerActions
from app.state.servers import Servers
from app.views import theme
from app.words import tr
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.server_address import EXAMPLE, read_address


class ServerForm(QWidget):
    """Two fields, what will go there, and a button that tries it."""

    def __init__(self, servers: Servers, actions: ServerActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._servers, self._actions = servers, actions
        self.setAccessibleName(tr("Connect to a server"))
        self.address = self._field(tr("Address"), tr("Address, like {example}", example=EXAMPLE))
        self.key = self._field(tr("Key"), tr("Key, if the server asks for one"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.words = _label(self, "quiet")
        self.problem = _label(self, "danger-quiet")
        self.connect_button = QPushButton(tr("Connect"), self)
        self.connect_button.setProperty("role", "primary")
        self.anyway_button = QPushButton(tr("Connect anyway"), self)
        self.cancel_button = QPushButton(tr("Cancel"), self)
        self.address.textChanged.connect(self._follow)
        for field in (self.address, self.key):
            field.returnPressed.connect(self._on_connect)
        self.connect_button.clicked.connect(self._on_connect)
        self.anyway_button.clicked.connect(self._on_anyway)
        self.cancel_button.clicked.connect(actions.close_form)
        self._lay_out()
        for changed in (servers.asking_changed, servers.problem_changed, servers.can_go_anyway_changed):
            changed.connect(self._follow)
        servers.form_open_changed.connect(self._on_open_changed)
        self._follow()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GRID)
        buttons.addStretch(1)
        for button in (self.cancel_button, self.anyway_button, self.connect_button):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.GRID, 0, theme.GRID)
        column.setSpacing(theme.GRID)
        for part in (self.address, self.key, self.words, self.problem):
            column.addWidget(part)
        column.addLayout(buttons)

    def _field(self, name: str, placeholder: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setProperty("role", "field")
        field.setAcceptDrops(False)  # files are the window's
        field.setAccessibleName(name)
        field.setPlaceholderText(placeholder)
        return field

    def _follow(self, *_: object) -> None:
        servers = self._servers
        self.words.setText(what_goes(self.address.text()))
        self.problem.setText(servers.problem)
        self.problem.setVisible(bool(servers.problem))
        self.anyway_button.setVisible(servers.can_go_anyway)
        self.connect_button.setText(tr("Asking…") if servers.asking else tr("Connect"))
        self.connect_button.setEnabled(bool(self.address.text().strip()) and not servers.asking)

    def _on_open_changed(self, _is_open: bool) -> None:
        self.address.setText(self._servers.form_address)
        self.key.clear()  # it is in the Keychain now, or nowhere

    def _on_connect(self) -> None:
        if self.connect_button.isEnabled():
            self._actions.connect_to(self.address.text(), self.key.text())

    def _on_anyway(self) -> None:
        self._actions.connect_to(self.address.text(), self.key.text(), anyway=True)


def what_goes(text: str) -> str:
    """Where words go from then on."""
    try:
        host = read_address(text).host
    except PrismError:
        host = ""
    if not host:
        return tr("vLLM, LM Studio, llama.cpp, Ollama, mlx-vlm, OpenAI and others speak this protocol.")
    return tr(
        "What you ask, and the files with it, will go to {host}, while one of its models answers. "
        "The key stays in the Keychain.",
        host=host,
    )


def _label(parent: QWidget, role: str) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
