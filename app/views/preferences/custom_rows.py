"""Preferences that the system has a word in: the key for Quick Ask, and what opens at login."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.state.preference import Kind, Row
from app.views.preferences.key_recorder import KeyRecorder
from app.views.preferences.row_view import RowView
from app.views.switch import Switch


class HotkeyRow(RowView):
    """The key is let go of while the field waits for another, which would never reach it otherwise."""

    def _make_control(self) -> QWidget:
        recorder = KeyRecorder(self)
        recorder.waiting.connect(self._on_waiting)
        recorder.recorded.connect(lambda keys: self.say(self._actions.set_hotkey(keys)))
        self._preferences.hotkey_changed.connect(recorder.set_keys)
        recorder.set_keys(self._preferences.hotkey)
        return recorder

    def _on_waiting(self, waits: bool) -> None:
        if waits:
            self.say("")
            self._actions.pause_hotkey()
        else:
            self._actions.set_hotkey(self._preferences.hotkey)


class LoginRow(RowView):
    """As the system says, which is asked anew whenever the window opens."""

    def _make_control(self) -> QWidget:
        self._switch = Switch(self.row.title, self)
        self._switch.clicked.connect(self._on_clicked)
        return self._switch

    def refresh(self) -> None:
        """It may have been changed in the system's own settings."""
        self._switch.setChecked(self._actions.opens_at_login)

    def _on_clicked(self, on: bool) -> None:
        self.say(self._actions.set_opens_at_login(on))
        self.refresh()


CUSTOM: dict[str, type[RowView]] = {"opens_at_login": LoginRow}
"""By the preference's name; every row of the kind `custom` has its class here."""


def view_of(row: Row) -> type[RowView]:
    """The class of the widget that shows a row."""
    if row.kind is Kind.KEY:
        return HotkeyRow
    return CUSTOM[row.name] if row.kind is Kind.CUSTOM else RowView
