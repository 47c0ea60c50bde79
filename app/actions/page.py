"""Making a page from a screenshot, making it better, and taking it away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.actions.action import Action
from app.actions.conversation import ConversationActions
from app.actions.engine import EngineActions
from app.actions.page_bench import PageBench
from app.actions.page_pictures import PictureFinder
from app.actions.page_rounds import RoundRunner
from app.actions.page_writing import PageWriter
from app.engine_link.bridge import EngineBridge
from app.page.files import PageFolder, save_page
from app.page.render import Renderer
from app.page.safe import safely
from app.state.attachments import Attachment, AttachmentStatus
from app.state.notices import Notice
from app.state.page import MOST_ROUNDS, PageAsk, PageElement, PageProject, PageVersion, VersionStatus
from app.state.session import Session
from app.state.turn import Turn
from app.words import tr

PAGE_SUBJECT = "page"
NO_BROWSER = tr("No browser could be opened.")


class PageActions:
    """Acts on the page of the picture that is on the stage; `conversation.stop` stops what is being written."""

    def __init__(
        self,
        session: Session,
        engine: EngineBridge,
        engine_actions: EngineActions,
        conversation: ConversationActions,
        renderer: Renderer,
        choose_target: Callable[[str], str],
    ) -> None:
        """`choose_target` asks the person for a file to write, suggesting a name; empty for none."""
        self._session = session
        self._engine_actions = engine_actions
        self._choose_target = choose_target
        self._folder = PageFolder()
        self._bench = PageBench(session, engine, renderer)
        self._finder = PictureFinder(session, engine, self._bench)  # hears of figures before the rounds do
        self._writer = PageWriter(conversation, self._bench)
        self._rounds = RoundRunner(session, engine_actions, self._writer, self._bench, self._finder)
        self._followed: set[PageProject | PageVersion] = set()
        self.make = Action("page.make", tr("Make Page"), self._make, "Ctrl+Shift+P")
        self.fix = Action("page.fix", tr("Fix What Differs"), self._fix, "Ctrl+Shift+F")
        self.copy_html = Action("page.copy", tr("Copy HTML"), self._copy, "Ctrl+Alt+C")
        self.save = Action("page.save", tr("Save Page…"), self._save, "Ctrl+S")
        self.open_in_browser = Action("page.browser", tr("Open in Browser"), self._open_in_browser, "Ctrl+Shift+B")
        self.toggle_code = Action("page.code", tr("Show Code"), self._toggle_code, "Ctrl+U")
        self._listen()
        self._update()

    def make_from(self, screenshot: Attachment) -> None:
        """Rebuild this picture."""
        session = self._session
        if not session.conversation.idle:
            return
        files = () if screenshot in session.all_attachments() else (screenshot,)
        project = session.stage.page_of(screenshot)
        if project is None:
            project = PageProject(screenshot)
            session.stage.add_page(project)
        self._bench.warm_up()
        version = PageVersion(project.next_title("first"))
        self._writer.ask(tr("Make page"), PageAsk("make", screenshot), project, version, files)

    def make_from_file(self, path: str) -> None:
        """Rebuild the picture in this file."""
        if not self._session.conversation.idle:
            return
        screenshot = Attachment(path)
        self._engine_actions.probe(screenshot)
        self.make_from(screenshot)

    def fix_rounds(self, project: PageProject, rounds: int) -> None:
        """Have what differs corrected, starting from the current version, in at most this many rounds."""
        self._rounds.start(project, max(1, min(rounds, MOST_ROUNDS)))

    def edit(self, project: PageProject, html: str, made_from: PageVersion | None = None) -> None:
        """A new version, as the person has written it.

        Args:
            project: whose.
            html: all of it.
            made_from: the version that was edited; then the new one is not looked at by itself. None for the current.
        """
        before = made_from or project.current
        if before is None or html == before.html:
            return
        version = PageVersion(project.next_title("edit"), before)
        version.html, version.status = html, VersionStatus.READY
        project.add(version, show=made_from is None)
        self._bench.measure(project, version)

    def select_element(self, project: PageProject, element: PageElement | None) -> None:
        """The element that the next wish is about; None for none."""
        project.subject = element

    def ask_change(self, project: PageProject, wish: str) -> None:
        """Have the selected element of the current version changed."""
        before, subject, wish = project.current, project.subject, wish.strip()
        if before is None or subject is None or not wish or not self._session.conversation.idle:
            return
        ask = PageAsk("change", project.screenshot, before, subject.html, wish)
        project.subject = None
        self._writer.ask(wish, ask, project, PageVersion(project.next_title("change"), before))

    def show_version(self, project: PageProject, version: PageVersion) -> None:
        """Look at this version; what is asked next starts from it."""
        project.subject = None
        project.current = version

    def open_with_scripts(self, project: PageProject, version: PageVersion) -> None:
        """Open the page as the model wrote it, scripts and all, in the person's browser."""
        self._open(version.html)

    def is_settled(self, project: PageProject, version: PageVersion) -> bool:
        """Whether this version is over, rendered and compared, with the screenshot's own pictures in it."""
        writing = version.status is VersionStatus.WRITING
        return not (writing or self._bench.is_measuring(version) or self._finder.is_asking(project))

    def safe_html(self, project: PageProject, version: PageVersion) -> str:
        """What may leave the app: the page that was rendered; one that has not been yet is made safe now."""
        if version.status is VersionStatus.WRITING or not version.safe_html:
            version.safe_html = safely(version)().html
        return version.safe_html

    def close(self) -> None:
        """End the renderer, and remove the pages that a browser was given."""
        self._writer.close()
        self._bench.close()
        self._folder.close()

    def _make(self) -> None:
        """Rebuild the picture that is attached, or else the one on the stage."""
        attached = self._attached
        if attached is not None:
            self._session.attachments.remove(attached)
            self.make_from(attached)
        elif self._session.stage.picture is not None:
            self.make_from(self._session.stage.picture)

    def _fix(self) -> None:
        if self._session.stage.page is not None:
            self.fix_rounds(self._session.stage.page, 1)

    def _copy(self) -> None:
        """The raw text, as the code shows it."""
        if (version := self._current) is not None:
            QGuiApplication.clipboard().setText(version.html)

    def _save(self) -> None:
        """Write the current version into a file that the person chooses."""
        page = self._session.stage.page
        if page is None or page.current is None:
            return
        html = self.safe_html(page, page.current)
        chosen = self._choose_target(str(Path(page.screenshot.path).with_suffix(".html")))
        if not chosen:
            return
        try:
            save_page(html, Path(chosen))
        except OSError as error:
            self._complain(tr("The page cannot be saved: {strerror}.", strerror=error.strerror))
        else:
            self._session.notices.dismiss(PAGE_SUBJECT)

    def _open_in_browser(self) -> None:
        """Show the current version in the person's browser, made safe."""
        page = self._session.stage.page
        if page is not None and page.current is not None:
            self._open(self.safe_html(page, page.current))

    def _open(self, html: str) -> None:
        try:
            file = self._folder.put(html)
        except OSError as error:
            self._complain(tr("The page cannot be opened: {strerror}.", strerror=error.strerror))
            return
        if QDesktopServices.openUrl(QUrl.fromLocalFile(str(file))):
            self._session.notices.dismiss(PAGE_SUBJECT)
        else:
            self._complain(NO_BROWSER)

    def _toggle_code(self) -> None:
        if (page := self._session.stage.page) is not None:
            page.code_shown = not page.code_shown

    def _complain(self, text: str) -> None:
        self._session.notices.show(Notice("problem", text, PAGE_SUBJECT))

    @property
    def _current(self) -> PageVersion | None:
        page = self._session.stage.page
        return None if page is None else page.current

    @property
    def _attached(self) -> Attachment | None:
        items = self._session.attachments.items
        return next((item for item in items if _can_be_rebuilt(item)), None)

    def _listen(self) -> None:
        session = self._session
        session.stage.page_changed.connect(self._on_page_changed)
        for signal in (
            session.stage.picture_changed,
            session.conversation.running_changed,
            session.conversation.goes_on_changed,
            session.attachments.count_changed,
            session.attachments.usable_changed,
        ):
            signal.connect(self._update)
        session.conversation.cleared.connect(self._on_cleared)

    def recall(self, turns: Iterable[Turn]) -> None:
        """Follow the pages of a conversation that was kept: rendered and compared when they are looked at."""
        for turn in turns:
            page = None if turn.page_ask is None else self._session.stage.page_of(turn.page_ask.screenshot)
            if page is not None and turn.version is not None:
                self._writer.follow(page, turn)

    def _on_cleared(self) -> None:
        self._bench.forget_all()
        self._finder.forget_all()
        self._followed.clear()

    def _on_page_changed(self, project: PageProject | None) -> None:
        if project is not None and project not in self._followed:
            self._followed.add(project)
            project.code_shown_changed.connect(self._update)
            project.current_changed.connect(self._on_current_changed)
            project.width_changed.connect(lambda _: self._bench.look(project))
            project.current_changed.connect(lambda _: self._bench.look(project))
            self._on_current_changed(project.current)
        self._update()

    def _on_current_changed(self, version: PageVersion | None) -> None:
        if version is not None and version not in self._followed:
            self._followed.add(version)
            if version.rendering is None and version.html and version.status is not VersionStatus.WRITING:
                page = self._session.stage.page
                if page is not None and not self._bench.is_measuring(version):
                    self._bench.measure(page, version)
            version.status_changed.connect(self._update)
            version.html_changed.connect(self._update)
            version.rendering_changed.connect(self._on_rendered)
        self._update()

    def _on_rendered(self, _rendering: object) -> None:
        if (page := self._session.stage.page) is not None:
            self._bench.look(page)

    def _update(self, *_: object) -> None:
        stage, idle, version = self._session.stage, self._session.conversation.idle, self._current
        on_stage = stage.picture is not None and _can_be_rebuilt(stage.picture)
        self.make.enabled = idle and (on_stage or self._attached is not None)
        has_html = version is not None and bool(version.html)
        self.fix.enabled = idle and has_html
        for action in (self.copy_html, self.save, self.open_in_browser):
            action.enabled = has_html
        self.toggle_code.enabled = stage.page is not None
        self.toggle_code.checked = stage.page is not None and stage.page.code_shown


def _can_be_rebuilt(file: Attachment) -> bool:
    return file.kind == "picture" and file.status is not AttachmentStatus.REFUSED
