"""One thing that a person can do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal

from app.state.observable import Observable, Property


class Action(Observable):
    """A verb with its place in the menus; what shows it follows `enabled_changed` and `checked_changed`.

    Signals:
        triggering: it is going to be done now; who holds back what it should know of says so.

    Attributes:
        id: stable name.
        title: as in the menu.
        shortcuts: in Qt's words, where Ctrl is ⌘ on a Mac; the first is the one that is shown.
        checked: None for what cannot be on or off.
    """

    enabled = Property(True)
    checked = Property[bool | None](None)
    triggering = Signal()

    def __init__(self, action_id: str, title: str, run: Callable[[], None], *shortcuts: str) -> None:
        super().__init__()
        self.id = action_id
        self.title = title
        self.shortcuts = shortcuts
        self._run = run

    def trigger(self) -> None:
        """Do it, if it can be done now."""
        if self.enabled:
            self.triggering.emit()
            self._run()
