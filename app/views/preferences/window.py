"""Settings: few, each with a sentence where the words alone do not say it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.actions.preferences import PreferenceActions
from app.state.preferences import Preferences
from app.views import theme
from app.views.check_box import CheckBox
from app.views.preferences.key_recorder import KeyRecorder

_MENU_BAR = "No window when Prism starts; it is opened from the menu bar."


class PreferencesWindow(QWidget):
    """Everything is in force at once; there is nothing to confirm."""

    def __init__(self, preferences: Preferences, actions: PreferenceActions) -> None:
        super().__init__(None, Qt.WindowType.Dialog)
        self._preferences, self._actions = preferences, actions
        self.setWindowTitle("Settings")
        self.setProperty("role", "content")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.recorder = KeyRecorder(self)
        self.menu_bar_only = CheckBox("Live in the menu bar only", self)
        self.at_login = CheckBox("Open when I log in", self)
        self._problem = _label(self, "danger")
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GRID * 2)
        grid.setVerticalSpacing(theme.GRID)
        grid.addWidget(QLabel("Quick Ask opens with", self), 0, 0)
        grid.addWidget(self.recorder, 0, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self._problem, 1, 0, 1, 2)
        grid.addWidget(self.menu_bar_only, 2, 0, 1, 2)
        grid.addWidget(_label(self, "quiet", _MENU_BAR), 3, 0, 1, 2)
        grid.addWidget(self.at_login, 4, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.GRID * 3] * 4)
        column.addLayout(grid)
        column.addStretch(1)
        self.setMinimumWidth(theme.scaled(440))
        self.recorder.waiting.connect(self._on_waiting)
        self.recorder.recorded.connect(self._on_recorded)
        self.menu_bar_only.toggled.connect(actions.set_menu_bar_only)
        self.at_login.clicked.connect(self._on_at_login_clicked)
        preferences.hotkey_changed.connect(self.recorder.set_keys)
        preferences.menu_bar_only_changed.connect(self.menu_bar_only.setChecked)
        self.recorder.set_keys(preferences.hotkey)
        self.menu_bar_only.setChecked(preferences.menu_bar_only)
        self._say("")

    def present(self) -> None:
        """Come to the front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def showEvent(self, event: QShowEvent) -> None:
        """What opens at login may have been changed in the system meanwhile."""
        self.at_login.setChecked(self._actions.opens_at_login)
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _on_waiting(self, waits: bool) -> None:
        """The key that is ours now would never reach the field."""
        if waits:
            self._say("")
            self._actions.pause_hotkey()
        else:
            self._actions.set_hotkey(self._preferences.hotkey)

    def _on_recorded(self, keys: str) -> None:
        self._say(self._actions.set_hotkey(keys))

    def _on_at_login_clicked(self, on: bool) -> None:
        self._say(self._actions.set_opens_at_login(on))
        self.at_login.setChecked(self._actions.opens_at_login)

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))


def _label(parent: QWidget, role: str, text: str = "") -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
