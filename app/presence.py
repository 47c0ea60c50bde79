"""Prism on the desktop: its window, its place in the menu bar, its key, the files it is opened with, its sleep."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Qt, QTimer

from app.actions.catalogue import Actions
from app.actions.preferences import PreferenceActions
from app.platform.application import Application
from app.platform.focus import take_focus
from app.platform.here import make_menu_bar_item
from app.platform.menu_bar import Entry, MenuBarItem
from app.platform.stay_awake import StayAwake
from app.platform.windows import show_in_dock
from app.state.notices import Notice
from app.state.preferences import Preferences
from app.state.quick_ask import QuickAsk
from app.state.session import Session
from app.views.main_window import MainWindow
from app.views.preferences.window import PreferencesWindow
from app.views.quick_ask.panel import QuickAskPanel
from app.words import tr

_SUBJECT = "menu bar"


class Presence(QObject):
    """Connects what the system says with the window, and the other way round.

    Attributes:
        panel: the quick-ask panel.
        settings: the settings window.
    """

    def __init__(
        self,
        app: Application,
        window: MainWindow,
        session: Session,
        quick: QuickAsk,
        actions: Actions,
        preferences: Preferences,
        choices: PreferenceActions,
        awake: StayAwake,
    ) -> None:
        """`choices` are what can be done about the preferences."""
        super().__init__()
        self._app, self._window = app, window
        self._session, self._quick, self._actions = session, quick, actions
        self._preferences, self._choices, self._awake = preferences, choices, awake
        self._item: MenuBarItem | None = None
        self.panel = QuickAskPanel(quick, actions.quick, actions.run)
        self.settings = PreferencesWindow(preferences, choices)
        actions.quick.window_wanted.connect(self.show_window)
        choices.wanted.connect(self.settings.present)
        choices.quit_wanted.connect(app.quit)
        preferences.menu_bar_only_changed.connect(self._on_menu_bar_only_changed)
        app.applicationStateChanged.connect(self._on_application_state_changed)
        for conversation in (session.conversation, quick.session.conversation):
            conversation.running_changed.connect(self._follow_work)
            conversation.goes_on_changed.connect(self._follow_work)

    def start(self, files: list[str]) -> None:
        """Appear, with these files if there are any."""
        self._item = make_menu_bar_item(self._entries(), self._actions.quick.toggle.trigger)
        self._on_menu_bar_only_changed(self._preferences.menu_bar_only, starting=True)
        self._choices.claim_hotkey(self._actions.quick.toggle.trigger)
        self._app.take_files(self.open_files)
        if files:
            self.open_files(files)
        QTimer.singleShot(0, self.panel.warm_up)

    def open_files(self, files: list[str]) -> None:
        """Bring the window to the front, with these files in the question."""
        self.show_window()
        if files:
            self._actions.attachments.add_files(files)

    def show_window(self) -> None:
        """Bring the window to the front, whatever has the keyboard now."""
        self._window.show()
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()
        take_focus(int(self._window.winId()))

    def close(self) -> None:
        """Leave the desktop as it was."""
        self._awake.release()
        self._choices.close()
        if self._item is not None:
            self._item.close()
        self.panel.hide()

    def _entries(self) -> list[Entry | None]:
        quick, choices = self._actions.quick, self._choices
        return [
            *(Entry(action.title, action.trigger) for action in (quick.toggle, quick.capture)),
            None,
            Entry(tr("Open Prism"), self.show_window),
            Entry(choices.show.title, choices.show.trigger),
            None,
            Entry(choices.quit.title, choices.quit.trigger),
        ]

    def _on_menu_bar_only_changed(self, only: bool, *, starting: bool = False) -> None:
        """Where there is no menu bar to live in, the window has to stay."""
        homeless = only and self._item is not None and not self._item.is_shown
        only = only and not homeless
        show_in_dock(not only)
        self._app.setQuitOnLastWindowClosed(not only and sys.platform != "darwin")
        if homeless:
            text = tr("This desktop has no menu bar or tray for Prism, so its window stays.")
            self._session.notices.show(Notice("info", text, _SUBJECT))
        if not only and (starting or not self._window.isVisible()):
            self._window.show()

    def _on_application_state_changed(self, state: Qt.ApplicationState) -> None:
        """A click on the Dock icon wants the window, also one that has been closed."""
        wanted = sys.platform == "darwin" and state is Qt.ApplicationState.ApplicationActive
        if wanted and not (self._quick.is_open or self._preferences.menu_bar_only or self._window.isVisible()):
            self._window.show()

    def _follow_work(self, *_: object) -> None:
        if self._session.conversation.idle and self._quick.session.conversation.idle:
            self._awake.release()
        else:
            self._awake.hold()
