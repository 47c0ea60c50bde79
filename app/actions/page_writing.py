"""Versions of pages that the model writes: each follows the turn that it is written in."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.actions.conversation import ConversationActions
from app.actions.page_bench import PageBench
from app.page.answers import faults_in, page_in
from app.state.attachments import Attachment
from app.state.page import PageAsk, PageProject, PageVersion, VersionStatus
from app.state.turn import Turn, TurnStatus
from app.words import tr

READ_INTERVAL_MS = 50
LONGEST_REACHED = tr("The page is not complete: the answer reached its longest length.")
REPEATED = tr("The page is not complete: the model began to repeat itself.")
STOPPED = tr("Stopped while it was being written.")
STOPPED_EARLY = tr("Stopped before there was any HTML.")
EMPTY = tr("The answer was empty.")
NO_HTML = tr("The answer is not HTML.")


class PageWriter(QObject):
    """Asks for versions and fills them while they stream.

    Signal `written(PageProject, PageVersion)`: the answer is over, whatever has become of it; if there is HTML in it,
    that is being measured.
    """

    written = Signal(object, object)

    def __init__(self, conversation: ConversationActions, bench: PageBench) -> None:
        super().__init__()
        self._conversation = conversation
        self._bench = bench
        self._streaming: tuple[PageProject, Turn] | None = None
        self._timer = QTimer(self, singleShot=True, interval=READ_INTERVAL_MS)
        self._timer.timeout.connect(self._on_interval_passed)

    def ask(
        self,
        question: str,
        ask: PageAsk,
        project: PageProject,
        version: PageVersion,
        files: tuple[Attachment, ...] = (),
    ) -> None:
        """Begin a turn whose answer is this version; `files` are those that come with the question."""
        turn = Turn(question, files, ask)
        turn.version = version
        self._write_from(project, turn)
        project.add(version)
        self._conversation.begin(turn)

    def follow(self, project: PageProject, turn: Turn) -> None:
        """What is asked beside this turn writes versions of this page."""
        turn.restarted.connect(partial(self._on_restarted, project, turn))
        turn.repeated.connect(partial(self._on_repeated, project, turn))

    def close(self) -> None:
        """Look no more at what is being written."""
        self._streaming = None
        self._timer.stop()

    def _write_from(self, project: PageProject, turn: Turn) -> None:
        turn.text_appended.connect(partial(self._on_text_appended, project, turn))
        turn.status_changed.connect(partial(self._on_status_changed, project, turn))
        self.follow(project, turn)

    def _on_text_appended(self, project: PageProject, turn: Turn, _text: str) -> None:
        self._streaming = (project, turn)
        if not self._timer.isActive():
            self._timer.start()

    def _on_interval_passed(self) -> None:
        if self._streaming is None:
            return
        project, turn = self._streaming
        version, page = turn.version, page_in(turn.text, turn.blocks)
        assert version is not None
        version.faults = _faults(turn)
        if page is not None and page.html != version.html:
            version.html = page.html
            self._bench.show_soon(project, version)

    def _on_status_changed(self, project: PageProject, turn: Turn, status: TurnStatus) -> None:
        version = turn.version
        if version is None or not status.is_final:
            return
        self._streaming = None
        self._timer.stop()
        version.faults = _faults(turn)
        _close(version, turn)
        if version.html:
            self._bench.measure(project, version)
        elif project.current is version and version.made_from is not None:
            project.current = version.made_from  # there is nothing to look at
        self.written.emit(project, version)

    def _on_restarted(self, project: PageProject, turn: Turn) -> None:
        """What the first answer gave stays; the next one writes a version of its own."""
        before = turn.version
        assert before is not None
        turn.version = PageVersion(project.next_title(before.title.split(" ")[0]), before.made_from)
        project.add(turn.version)

    def _on_repeated(self, project: PageProject, turn: Turn, again: Turn) -> None:
        """Likewise, where the first answer's turn stays too."""
        again.version = turn.version
        self._on_restarted(project, again)
        self._write_from(project, again)


def _faults(turn: Turn) -> tuple[str, ...]:
    """Only a fix is asked to list any."""
    return faults_in(turn.blocks) if turn.page_ask is not None and turn.page_ask.what == "fix" else ()


def _close(version: PageVersion, turn: Turn) -> None:
    """Say how the version has come out of an answer that is over."""
    page = page_in(turn.text, turn.blocks)
    if page is None:
        version.html = ""
        version.problem = _why_no_page(turn)
        version.status = VersionStatus.FAILED
        return
    version.html = page.html
    version.problem = _why_cut_off(turn)
    version.status = VersionStatus.CUT_OFF if version.problem else VersionStatus.READY


def _why_no_page(turn: Turn) -> str:
    if turn.error is not None:
        return turn.error.message
    if turn.status is TurnStatus.STOPPED:
        return STOPPED_EARLY
    return NO_HTML if turn.text.strip() else EMPTY


def _why_cut_off(turn: Turn) -> str:
    if turn.error is not None:
        return turn.error.message
    if turn.status is TurnStatus.STOPPED:
        return STOPPED
    match turn.finish_reason:
        case "max_tokens":
            return LONGEST_REACHED
        case "loop":
            return REPEATED
        case _:
            return ""
