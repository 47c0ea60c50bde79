"""Making a page from a screenshot, and making it better."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from app.actions.action import Action
from app.state.page import MOST_ROUNDS, PageElement, PageProject, PageVersion
from app.state.session import Session


class PageActions:
    """Acts on the page of the picture that is on the stage; `conversation.stop` stops what is being written."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.make = Action("page.make", "Make Page", self._make, "Ctrl+Shift+P")
        self.fix = Action("page.fix", "Fix What Differs", self._fix, "Ctrl+Shift+F")
        self.copy_html = Action("page.copy", "Copy HTML", self._copy, "Ctrl+Alt+C")
        self.save = Action("page.save", "Save Page…", self._save, "Ctrl+S")
        self.open_in_browser = Action("page.browser", "Open in Browser", self._open_in_browser, "Ctrl+Shift+B")
        self.toggle_code = Action("page.code", "Show Code", self._toggle_code, "Ctrl+U")

    def fix_rounds(self, project: PageProject, rounds: int) -> None:
        """Have what differs corrected, starting from the current version, in at most this many rounds."""
        rounds = max(1, min(rounds, MOST_ROUNDS))

    def edit(self, project: PageProject, html: str) -> None:
        """A new version of the current one, as the person has written it."""

    def select_element(self, project: PageProject, element: PageElement | None) -> None:
        """The element that the next wish is about; None for none."""
        project.subject = element

    def ask_change(self, project: PageProject, wish: str) -> None:
        """Have the selected element of the current version changed."""

    def show_version(self, project: PageProject, version: PageVersion) -> None:
        """Look at this version; what is asked next starts from it."""
        project.subject = None
        project.current = version

    def open_with_scripts(self, project: PageProject, version: PageVersion) -> None:
        """Open the page as the model wrote it, scripts and all, in the person's browser."""

    def _make(self) -> None:
        """Rebuild the picture that is attached, or else the one on the stage."""

    def _fix(self) -> None:
        if self._session.stage.page is not None:
            self.fix_rounds(self._session.stage.page, 1)

    def _copy(self) -> None:
        version = self._current
        if version is not None:
            QGuiApplication.clipboard().setText(version.html)

    def _save(self) -> None:
        """Write the current version into a file that the person chooses."""

    def _open_in_browser(self) -> None:
        """Show the current version in the person's browser, made safe."""

    def _toggle_code(self) -> None:
        page = self._session.stage.page
        if page is not None:
            page.code_shown = not page.code_shown

    @property
    def _current(self) -> PageVersion | None:
        page = self._session.stage.page
        return None if page is None else page.current
