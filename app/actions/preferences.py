"""What the person chooses about Prism as a whole, and what the system says to it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.actions.action import Action
from app.platform.hotkey import HotKey
from app.platform.login_item import LoginItem
from app.state.notices import Notice, Notices
from app.state.preferences import ROWS, Preferences
from app.words import tr

SHOW, QUIT = "preferences.show", "prism.quit"
HOTKEY_SUBJECT = "hotkey"


class PreferenceActions(QObject):
    """Acts on preferences, on the one key that is ours, and on the list of what opens at login.

    Signals:
        wanted: the person wants to see them.
        quit_wanted: the person has enough of Prism as a whole.
    """

    wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, preferences: Preferences, notices: Notices, hotkey: HotKey, login_item: LoginItem) -> None:
        super().__init__()
        self._preferences, self._notices = preferences, notices
        self._hotkey, self._login_item = hotkey, login_item
        self._pressed: Callable[[], None] = lambda: None
        self.show = Action(SHOW, tr("Settings…"), self.wanted.emit, "Ctrl+,")
        self.quit = Action(QUIT, tr("Quit Prism"), self.quit_wanted.emit, "Ctrl+Q")

    def claim_hotkey(self, pressed: Callable[[], None]) -> None:
        """Have the chosen key from now on; if it cannot be had, say so where it is seen."""
        self._pressed = pressed
        problem = self._claim(self._preferences.hotkey)
        if problem:
            text = tr("{problem} Quick Ask opens from the menu until it has another key.", problem=problem)
            self._notices.show(Notice("problem", text, HOTKEY_SUBJECT, tr("Choose Key"), SHOW))

    def set_hotkey(self, keys: str) -> str:
        """Take another key, or none; returns why it cannot be had, in which case the one before stays."""
        problem = self._claim(keys)
        if problem:
            self._claim(self._preferences.hotkey)
        else:
            self._preferences.hotkey = keys
            self._notices.dismiss(HOTKEY_SUBJECT)
        return problem

    def pause_hotkey(self) -> None:
        """Let go of the key, so that it can be pressed to be chosen."""
        self._hotkey.release()

    def set(self, name: str, value: object) -> str:
        """Choose a value for one of the preferences; returns why it cannot be had, in which case the old one stays."""
        row = next(row for row in ROWS if row.name == name)
        if not row.accepts(value):
            return tr("That is not possible here.")
        setattr(self._preferences, name, value)
        return ""

    @property
    def opens_at_login(self) -> bool:
        """As the system says."""
        return self._login_item.is_on

    def set_opens_at_login(self, on: bool) -> str:
        """Open at login, or not; returns why that cannot be."""
        return self._login_item.set_on(on)

    def close(self) -> None:
        """Give the key back."""
        self._hotkey.release()

    def _claim(self, keys: str) -> str:
        if keys:
            return self._hotkey.claim(keys, self._pressed)
        self._hotkey.release()
        return ""
