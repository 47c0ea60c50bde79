"""Builds Prism and connects its parts."""

from __future__ import annotations

import platform
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QFileDialog

from app.actions.catalogue import Actions
from app.diary import keep_diary, note_engine
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import EngineClient
from app.engine_link.process_client import ProcessClient
from app.page.render import make_renderer
from app.platform.bundled import bundled
from app.platform.log import keep_log, log_folder, note, wants_log
from app.state.session import Session
from app.store.folder import home
from app.store.store import Store
from app.views.main_window import MainWindow
from app.views.theme import Theme
from mlx_gemma4.protocol.version import VERSION

EXPORTS = "Markdown (*.md);;Web page (*.html);;JSON with everything (*.json)"


class Prism:
    """The app's parts, alive as long as this is.

    Attributes:
        session: what the screen shows.
        actions: what can be done.
        window: where it is shown and done.
    """

    def __init__(self, client: EngineClient, store: Store | None = None) -> None:
        """Build everything around this engine; nothing runs yet. Without a store, nothing is kept."""
        self.session = Session()
        self.bridge = EngineBridge(client)
        keep_diary(self.bridge, self.session)
        self.actions = Actions(self.session, self.bridge, _choose_files, _choose_target, make_renderer(), store=store)
        if wants_log():
            note_engine(self.bridge)
        self.window = MainWindow(self.session, self.actions)

    def start(self) -> None:
        """Show the window, and start the engine once it is on the screen."""
        self.window.show()
        self.actions.library.start()
        QTimer.singleShot(0, self.actions.engine.start)

    def close(self) -> None:
        """End the engine and remove what is only needed while the app runs."""
        self.bridge.close()
        self.actions.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Prism until its window is closed; returns the exit code."""
    if wants_log():
        keep_log(log_folder())
        note(f"Prism {VERSION}, {platform.platform()}, Python {platform.python_version()}.")
    app = QApplication(list(sys.argv if arguments is None else arguments))
    QCoreApplication.setApplicationName("Prism")
    QGuiApplication.setApplicationDisplayName("Prism")
    app.setWindowIcon(QIcon(str(bundled("icons/prism.png"))))
    Theme(app)
    prism = Prism(ProcessClient(), Store(home()))
    prism.start()
    wake = _leave_on_signals(app)
    code = app.exec()
    wake.stop()
    prism.close()
    return code


def _choose_files() -> list[str]:
    return QFileDialog.getOpenFileNames(None, "Add Pictures")[0]


def _choose_target(suggested: str) -> str:
    kinds = {".html": "HTML (*.html)", ".zip": "Zip (*.zip)", ".md": EXPORTS}
    path = suggested if Path(suggested).is_absolute() else str(Path.home() / suggested)
    return QFileDialog.getSaveFileName(None, "Save", path, kinds.get(Path(suggested).suffix, ""))[0]


def _leave_on_signals(app: QApplication) -> QTimer:
    """Let Ctrl+C and a polite kill close the app like its window; Python looks at signals when it runs, so it must."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: app.quit())
    timer = QTimer(app, interval=250)
    timer.timeout.connect(lambda: None)
    timer.start()
    return timer
