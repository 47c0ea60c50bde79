"""What of the window there is room for: with large text or in a small window not everything at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from app.state.session import Session
from app.views import theme
from app.views.sidebar.sidebar import WIDTH as SIDEBAR

_LEAST_SIDE = 300
"""Of the conversation and of the stage, beside each other."""
_LEAST_HEIGHT = 340
"""Of a window with a status line."""
_LEAST_ALONE = 380
"""Of the conversation without the stage."""


class Room(QObject):
    """Hides the sidebar where it would take others' room, and shows the stage in the conversation's place.

    The sidebar comes back with the room; who opens or closes it meanwhile has decided.
    """

    def __init__(self, window: QWidget, session: Session, conversation: QWidget, status: QWidget) -> None:
        super().__init__(window)
        self._window, self._session, self._conversation, self._status = window, session, conversation, status
        self._narrow = self._hid = self._acts = False
        window.installEventFilter(self)
        session.stage.is_open_changed.connect(self.arrange)
        session.library.is_shown_changed.connect(self._on_is_shown_changed)
        self.arrange()

    @property
    def sidebar_wanted(self) -> bool:
        """Whether the person wants the sidebar, room or not."""
        return self._session.library.is_shown or self._hid

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another size of the window, or of its text."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.arrange()
        return False

    def arrange(self, *_: object) -> None:
        """Look how much there is."""
        library, stage = self._session.library, self._session.stage
        width, both = self._window.width(), theme.scaled(2 * _LEAST_SIDE)
        wanted = both if stage.is_open else theme.scaled(_LEAST_ALONE)
        narrow = width - theme.scaled(SIDEBAR) < wanted
        if narrow != self._narrow:
            self._narrow = narrow
            if narrow and library.is_shown:
                self._set_shown(False)
                self._hid = True
            elif not narrow and self._hid:
                self._hid = False
                self._set_shown(True)
        beside = theme.scaled(SIDEBAR) if library.is_shown and library.is_kept else 0
        self._status.setVisible(self._window.height() >= theme.scaled(_LEAST_HEIGHT))
        self._conversation.setVisible(not stage.is_open or width - beside >= both)

    def _set_shown(self, shown: bool) -> None:
        self._acts = True
        self._session.library.is_shown = shown
        self._acts = False

    def _on_is_shown_changed(self, _shown: object) -> None:
        if not self._acts:
            self._hid = False
            self.arrange()
