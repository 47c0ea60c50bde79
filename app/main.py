"""Builds Prism and connects its parts."""

from __future__ import annotations

import gc
import platform
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QFileDialog

from app.actions.catalogue import Actions
from app.actions.contacts import ContactLog
from app.actions.hub_token import HubToken
from app.actions.preferences import PreferenceActions
from app.actions.privacy import PrivacyActions
from app.actions.resting import Resting
from app.diary import keep_diary, note_engine
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import EngineClient
from app.engine_link.process_client import ProcessClient
from app.page.render_here import make_renderer
from app.platform import here
from app.platform.application import Application
from app.platform.bundled import bundled
from app.platform.home import home
from app.platform.instance import OnlyInstance, hand_over, lock_instance
from app.platform.log import keep_log, log_folder, note, wants_log
from app.presence import Presence
from app.state.contacts import Contacts
from app.state.preferences import Preferences
from app.state.quick_ask import QuickAsk
from app.state.session import Session
from app.store.contacts import ContactStore
from app.store.left_off import LeftOffStore
from app.store.preferences import PreferenceStore
from app.store.presets import PresetStore
from app.store.store import Store
from app.views.main_window import MainWindow
from app.views.preferences.privacy_page import PrivacyPage
from app.views.remembering import Remembering
from app.views.text_size import dress
from app.views.theme import Theme
from app.words import tr
from mlx_gemma4.protocol.version import VERSION

TRANSCRIPTS = ";;".join((tr("Subtitles (*.srt)"), "WebVTT (*.vtt)", tr("Words (*.txt)"), "JSON (*.json)"))
EXPORTS = ";;".join((tr("Markdown (*.md)"), tr("Web page (*.html)"), tr("JSON with everything (*.json)")))


class Prism:
    """The app's parts, alive as long as this is.

    Attributes:
        session: what the window shows.
        quick: what the quick-ask panel shows.
        actions: what can be done.
        preferences: what was chosen about it as a whole.
        window: where it is shown and done.
        presence: everything of it on the desktop.
    """

    def __init__(self, app: Application, client: EngineClient, store: Store | None = None) -> None:
        """Build everything around this engine; nothing runs yet. Without a store, no conversation is kept."""
        self.session = Session()
        self.quick = QuickAsk(self.session.engine)
        self.bridge = EngineBridge(client)
        keep_diary(self.bridge, self.session, self.quick)
        if wants_log():
            note_engine(self.bridge)
        self.token = HubToken()
        self.actions = Actions(
            self.session,
            self.bridge,
            _choose_files,
            _choose_target,
            make_renderer(),
            quick=self.quick,
            capture=here.make_region_capture(),
            store=store,
            player=here.make_player(),
            microphone=here.make_microphone(),
            token=self.token,
            choose_file=_choose_file,
        )
        self._preset_store = PresetStore(self.session.presets, home())
        self.preferences = preferences = Preferences()
        self._preference_store = PreferenceStore(preferences, home())
        choices = PreferenceActions(preferences, self.session.notices, here.make_hotkey(), here.make_login_item())
        self.actions.more = (None, choices.show, choices.quit)
        self.actions.engine.kv_packing = lambda: preferences.kv_packing
        self._resting = Resting(self.session, self.bridge, preferences)
        self.window = MainWindow(self.session, self.actions)
        self.presence = Presence(
            app, self.window, self.session, self.quick, self.actions, preferences, choices, here.make_stay_awake()
        )
        self._remember_contacts(choices)
        self._left_off = LeftOffStore(home())
        Remembering(self.window, self.session, self.actions, self._left_off)

    def _remember_contacts(self, choices: PreferenceActions) -> None:
        """Note whom Prism contacts, and show it where what is kept can be deleted."""
        contacts = Contacts()
        self._contact_store = ContactStore(contacts, home())
        self._contact_log = ContactLog(contacts, self.bridge, self.actions.help)
        self._privacy = PrivacyActions(contacts, home(), self.token)
        self._privacy.quit_wanted.connect(choices.quit_wanted)
        self.presence.settings.add_page(tr("Privacy"), PrivacyPage(self._privacy))

    def start(self, files: list[str]) -> None:
        """Show the window, and start the engine once it is on the screen."""
        gc.collect()
        gc.freeze()  # what stays for good need not be looked through again, least of all while somebody waits
        self.presence.start(files)
        self.actions.library.start()
        self.actions.recording.recover()
        QTimer.singleShot(0, self.actions.engine.start)

    def close(self) -> None:
        """End the engine and remove what is only needed while the app runs."""
        self._left_off.write()
        self.presence.close()
        self.bridge.close()
        self.actions.close()
        for path in self._privacy.close():
            print(f"{path} could not be deleted.", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Prism until its window is closed, or hand its files to the one that runs; returns the exit code."""
    arguments = list(sys.argv if arguments is None else arguments)
    files = [argument for argument in arguments[1:] if not argument.startswith("-")]
    try:
        lock = lock_instance()
    except OSError as error:
        print(f"Prism can't write to its own folder: {error}. PRISM_HOME can name another.", file=sys.stderr)
        return 1
    if lock is None:
        if hand_over(files):
            return 0
        print("Prism is running already, but it doesn't answer. End it, then try again.", file=sys.stderr)
        return 1
    if wants_log():
        keep_log(log_folder())
        note(f"Prism {VERSION}, {platform.platform()}, Python {platform.python_version()}.")
    app = Application(arguments)
    instance = OnlyInstance(lock, app.open_files)
    QCoreApplication.setApplicationName("Prism")
    QGuiApplication.setApplicationDisplayName("Prism")
    app.setWindowIcon(QIcon(str(bundled("icons/prism.png"))))
    theme = Theme(app)
    prism = Prism(app, ProcessClient(), Store(home()))
    dress(theme, prism.preferences)
    prism.start(files)
    wake = _leave_on_signals(app)
    code = app.exec()
    wake.stop()
    instance.close()
    prism.close()
    return code


def _choose_files() -> list[str]:
    return QFileDialog.getOpenFileNames(None, tr("Add Files"))[0]


def _choose_file() -> str:
    return QFileDialog.getOpenFileName(None, tr("Pick the File to Read"))[0]


def _choose_target(suggested: str) -> str:
    kinds = {
        ".html": "HTML (*.html)",
        ".srt": TRANSCRIPTS,
        ".zip": f"Zip (*.zip);;{tr('Folder (*)')}",
        ".json": "JSON (*.json)",
        ".png": "Pictures (*.png *.jpg)",
        ".md": EXPORTS,
    }
    path = suggested if Path(suggested).is_absolute() else str(Path.home() / suggested)
    return QFileDialog.getSaveFileName(None, tr("Save"), path, kinds.get(Path(suggested).suffix, ""))[0]


def _leave_on_signals(app: QApplication) -> QTimer:
    """Let Ctrl+C and a polite kill close the app like its window; Python looks at signals when it runs, so it must."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: app.quit())
    timer = QTimer(app, interval=250)
    timer.timeout.connect(lambda: None)
    timer.start()
    return timer
