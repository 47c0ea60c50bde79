"""Help: what Prism is made of, whether there is a newer one, and what to tell whoever helps."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication, QScreen

from app.actions.action import Action
from app.platform.diagnostics import write_diagnostics
from app.platform.log import log_folder
from app.platform.updates import Release, UpdateCheck, update_address
from app.state.notices import Notice
from app.state.session import Session
from app.words import tr
from mlx_gemma4.protocol.version import VERSION

ABOUT = "help.about"
_SUBJECT = "help"


class HelpActions(QObject):
    """Acts on nothing but the notices.

    Attributes:
        about_wanted: somebody wants to see version and licences.
    """

    about_wanted = Signal()

    def __init__(
        self,
        session: Session,
        choose_target: Callable[[str], str],
        updates: UpdateCheck | None = None,
    ) -> None:
        """Ask nobody anything yet.

        Args:
            session: whose notices say what came of it.
            choose_target: asks the person where to save a file of this name; gives "" if they would rather not.
            updates: asks for updates.
        """
        super().__init__()
        self._session = session
        self._choose_target = choose_target
        self._updates = updates or UpdateCheck(update_address())
        self._updates.finished.connect(self._on_release_known)
        self._page = ""
        self.about = Action(ABOUT, tr("About Prism"), self.about_wanted.emit)
        self.check_for_updates = Action("help.updates", tr("Check for Updates"), self._check)
        self.open_download_page = Action("help.download", tr("Open Download Page"), self._open_page)
        self.open_download_page.enabled = False
        self.save_diagnostics = Action("help.diagnostics", tr("Save Diagnostics…"), self._save)

    def _check(self) -> None:
        self._say(tr("Asking for updates…"))
        self._updates.start()

    def _on_release_known(self, release: Release) -> None:
        self._page = release.page
        action = self.open_download_page
        action.enabled = bool(release.page)
        button = (action.title, action.id) if release.page else ()
        self._session.notices.show(Notice("info", release.text, _SUBJECT, *button))

    def _open_page(self) -> None:
        QDesktopServices.openUrl(QUrl(self._page))

    def _save(self) -> None:
        target = self._choose_target(f"Prism {VERSION} diagnostics.zip")
        if not target:
            return
        try:
            write_diagnostics(Path(target), self.facts(), log_folder())
        except OSError as error:
            why = error.strerror or str(error)
            self._session.notices.show(
                Notice("problem", tr("The diagnostics could not be saved: {why}.", why=why), _SUBJECT)
            )
        else:
            self._say(tr("The diagnostics are saved. They hold no conversation; read them before you send them on."))

    def facts(self) -> dict[str, str]:
        """What may matter for finding a fault; nothing that was asked or answered."""
        engine, conversation = self._session.engine, self._session.conversation
        return {
            "Prism": VERSION,
            "system": f"{platform.platform()}, {platform.machine()}",
            "Python": platform.python_version(),
            "Qt": f"{qVersion()}, {QGuiApplication.platformName()}",
            "screens": ", ".join(map(_described, QGuiApplication.screens())),
            "made as": "an app" if Path(sys.executable).parent.name == "MacOS" else "a checkout",
            "engine": engine.state.name.lower(),
            "model": f"{engine.model_name or 'none'}, sees: {engine.sees}, hears: {engine.hears}",
            "turns": str(conversation.count),
            "turns that failed": ", ".join(turn.error.code for turn in conversation.turns if turn.error) or "none",
            "files attached": ", ".join(attachment.kind for attachment in self._session.all_attachments()) or "none",
        }

    def _say(self, text: str) -> None:
        self._session.notices.show(Notice("info", text, _SUBJECT))


def _described(screen: QScreen) -> str:
    return f"{screen.size().width()}×{screen.size().height()} at {screen.devicePixelRatio():g}"
