"""`prism page shot.png -o page.html --rounds 2`: what the window does with a screenshot, without a window."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from app.actions.catalogue import Actions
from app.actions.engine import TOUR
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import EngineClient
from app.engine_link.process_client import ProcessClient
from app.page.files import save_page
from app.page.render import Renderer
from app.page.render_here import make_renderer
from app.page.rounds import percent
from app.state.attachments import AttachmentStatus
from app.state.engine_status import EngineState
from app.state.page import MOST_ROUNDS, PageProject, PageVersion
from app.state.session import Session

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
LOOK_MS = 50


def main(arguments: Sequence[str]) -> int:
    """Make a page; returns the exit code: 0, 1 for no page, 2 for bad input, 130 after Ctrl-C.

    In the last case, and where the engine or the model fails, the best page so far is written if there is one.
    """
    options = _parser().parse_args(arguments)
    if complaint := _complaint(options):
        return _say(complaint, BAD_INPUT)
    app = QCoreApplication.instance() or QCoreApplication(["prism"])
    making = PageMaking(ProcessClient(), make_renderer(), options, QCoreApplication.exit)
    try:
        with _interrupts(making.interrupt):
            QTimer.singleShot(0, making.start)
            return app.exec()
    finally:
        making.close()


class PageMaking:
    """One screenshot's page, from the first answer to the last round."""

    def __init__(
        self, client: EngineClient, renderer: Renderer, options: argparse.Namespace, leave: Callable[[int], None]
    ) -> None:
        """`options` has `file`, `output`, `rounds` and `model`; `leave` is called once, with the exit code."""
        self._options = options
        self._exit = leave
        self._session = Session()
        self._bridge = EngineBridge(client)
        self._actions = Actions(self._session, self._bridge, list, str, renderer, options.model)
        self._printed = 0
        self._rounds_begun = False
        self._interrupted = False
        self._timer = QTimer(interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Start the engine and ask."""
        self._actions.engine.start()
        self._actions.page.make_from_file(str(Path(self._options.file).absolute()))
        self._timer.start()

    def interrupt(self) -> None:
        """Write what there is and leave."""
        self._interrupted = True

    def close(self) -> None:
        """End the engine and the renderer."""
        self._timer.stop()
        self._bridge.close()
        self._actions.close()

    @property
    def _project(self) -> PageProject:
        page = self._session.stage.page
        assert page is not None
        return page

    def _look(self) -> None:
        """See how far it is."""
        project, engine, screenshot = self._project, self._session.engine, self._project.screenshot
        if screenshot.status is AttachmentStatus.READY:
            self._print_settled(project)
        if self._interrupted:
            self._leave(INTERRUPTED)
        elif screenshot.status is AttachmentStatus.REFUSED:
            self._leave(BAD_INPUT, f"{screenshot.error} {screenshot.hint}".strip())
        elif engine.state in (EngineState.FAILED, EngineState.GONE):
            said = [notice.text for notice in self._session.notices.items]
            self._leave(BAD_INPUT if not engine.usage and engine.state is EngineState.FAILED else FAILED, *said)
        elif self._printed < len(project.versions) or project.rounds:
            return
        elif self._options.rounds and not self._rounds_begun and project.versions[0].html:
            self._rounds_begun = True
            self._actions.page.fix_rounds(project, self._options.rounds)
        else:
            self._leave(0 if project.versions[0].html else FAILED, project.remark)

    def _print_settled(self, project: PageProject) -> None:
        """A line for every version that has come to rest since the last look."""
        for version in project.versions[self._printed :]:
            if not self._actions.page.is_settled(project, version):
                return
            self._printed += 1
            figure = "not measured" if version.fidelity is None else percent(version.fidelity.fidelity)
            print(f"{version.title}: {figure}{version.problem and f' ({version.problem})'}", flush=True)

    def _leave(self, code: int, *sentences: str) -> None:
        """Write the best page, and end."""
        self._timer.stop()
        for sentence in filter(None, sentences):
            print(sentence, file=sys.stderr)
        version = _best(self._project)
        if version is not None:
            code = self._write(version) or code
        elif code == FAILED:
            print(f"There is no page, so {self._options.output} was not written.", file=sys.stderr)
        self._exit(code)

    def _write(self, version: PageVersion) -> int:
        html = self._actions.page.safe_html(self._project, version)
        try:
            save_page(html, self._options.output)
        except OSError as error:
            return _say(f"{self._options.output} cannot be written: {error.strerror}.", BAD_INPUT)
        print(f"{self._options.output}: {version.title}, {len(html)} characters", file=sys.stderr)
        return 0


def _best(project: PageProject) -> PageVersion | None:
    """The version that is nearest to the screenshot; where none was measured, the last that has anything in it."""
    return project.best or next((version for version in reversed(project.versions) if version.html), None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("prism page", description="Rebuild the page of a screenshot as one HTML file.")
    parser.add_argument("file", metavar="FILE", help="a screenshot")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.html", help="the file to write")
    parser.add_argument("--model", default=TOUR, metavar="FOLDER", help="a checkpoint (default: the bundled one)")
    help_text = f"most rounds of looking and correcting, 0 to {MOST_ROUNDS} (default: 1)"
    parser.add_argument("--rounds", type=int, default=1, metavar="N", choices=range(MOST_ROUNDS + 1), help=help_text)
    return parser


def _complaint(options: argparse.Namespace) -> str:
    """What is wrong before any work is done, in a sentence."""
    if not Path(options.file).is_file():
        return f"{options.file} is not a file."
    if not options.output.absolute().parent.is_dir():
        return f"The folder of {options.output} does not exist. Make it first."
    if options.output.is_dir():
        return f"{options.output} is a folder. Give the name of a file."
    return ""


def _say(sentence: str, code: int) -> int:
    print(f"prism page: {sentence}", file=sys.stderr)
    return code


@contextmanager
def _interrupts(interrupt: Callable[[], None]) -> Iterator[None]:
    """Ctrl+C and a polite kill end it as they should; Python sees them because it looks every few milliseconds."""
    before = {number: signal.signal(number, lambda *_: interrupt()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
