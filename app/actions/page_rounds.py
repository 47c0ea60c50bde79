"""Runs rounds of correction: measure, ask, measure again, as long as `Rounds` says."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QObject

from app.actions.engine import EngineActions
from app.actions.page_bench import PageBench
from app.actions.page_pictures import PictureFinder
from app.actions.page_writing import PageWriter
from app.page.rounds import Rounds
from app.state.engine_status import EngineState
from app.state.page import PageAsk, PageProject, PageVersion, VersionStatus
from app.state.session import Session
from app.words import tr

NOT_RENDERED = tr("The page could not be rendered, so there is nothing to correct it by.")


@dataclass
class _Run:
    """Rounds under way.

    Attributes:
        versions: the one that it began with, and that of each round.
        rules: None until the first version is measured.
    """

    project: PageProject
    wanted: int
    versions: list[PageVersion] = field(default_factory=list)
    rules: Rounds | None = None
    stopped: bool = False


class RoundRunner(QObject):
    """At most one run at a time; `conversation.goes_on` is True as long as it takes."""

    def __init__(
        self, session: Session, engine: EngineActions, writer: PageWriter, bench: PageBench, finder: PictureFinder
    ) -> None:
        super().__init__()
        self._status, self._engine = session.engine, engine
        self._conversation = session.conversation
        self._writer, self._bench, self._finder = writer, bench, finder
        self._run: _Run | None = None
        writer.written.connect(self._continue)
        bench.measured.connect(self._continue)
        finder.found.connect(self._continue)
        session.conversation.goes_on_changed.connect(self._on_goes_on_changed)
        session.conversation.cleared.connect(self._on_cleared)

    def start(self, project: PageProject, rounds: int) -> None:
        """Correct the current version in at most so many rounds; what is left of an earlier run has ended."""
        version = project.current
        if version is None or not version.html or not self._conversation.idle:
            return
        if self._status.state in (EngineState.GONE, EngineState.FAILED):
            self._engine.start_again()  # it compares before it is asked
        self._run = _Run(project, rounds, [version])
        project.remark = ""
        project.rounds, project.round = rounds, 0
        self._conversation.goes_on = True
        if version.fidelity is None and not self._bench.is_measuring(version):
            self._bench.measure(project, version)
        self._continue()

    def _continue(self, *_: object) -> None:
        """Take the next step if there is nothing to wait for."""
        run = self._run
        if run is None:
            return
        version = run.versions[-1]
        if version.status is VersionStatus.WRITING:
            return
        if run.rules is not None and (run.stopped or version.status is not VersionStatus.READY):
            self._break_off(run, run.rules, version)
        elif self._bench.is_measuring(version) or self._finder.is_asking(run.project):
            return
        elif version.rendering is None:
            self._end(run, NOT_RENDERED)
        elif run.rules is None:
            run.rules = Rounds(run.wanted, version.fidelity and version.fidelity.fidelity)
            self._ask(run, run.rules)
        elif run.rules.judge(None if version.fidelity is None else version.fidelity.fidelity):
            self._ask(run, run.rules)
        else:
            self._end(run, run.rules.remark)

    def _ask(self, run: _Run, rules: Rounds) -> None:
        project, before = run.project, run.versions[-1]
        project.round = rules.begin()
        version = PageVersion(project.next_title("fix"), before)
        run.versions.append(version)
        ask = PageAsk("fix", project.screenshot, before)
        words = (
            tr("Fix what differs")
            if run.wanted == 1
            else tr("Fix what differs: round {round} of {wanted}", round=project.round, wanted=run.wanted)
        )
        self._writer.ask(words, ask, project, version)

    def _break_off(self, run: _Run, rules: Rounds, version: PageVersion) -> None:
        """The answer of this round was stopped, or gave no whole page."""
        rules.break_off(tr("Stopped in round {number}.", number=rules.number) if run.stopped else version.problem)
        self._end(run, rules.remark)

    def _end(self, run: _Run, remark: str) -> None:
        project = run.project
        self._run = None
        project.current = run.versions[0 if run.rules is None else run.rules.kept]
        project.remark = remark
        project.rounds = project.round = 0
        self._conversation.goes_on = False

    def _on_goes_on_changed(self, goes_on: bool) -> None:
        """The person has had enough; a round that is being written ends by itself."""
        run = self._run
        if goes_on or run is None:
            return
        run.stopped = True
        version = run.versions[-1]
        if version.status is VersionStatus.WRITING:
            return
        rules = run.rules or Rounds(run.wanted, None)
        if rules.number and version.fidelity is not None:
            rules.judge(version.fidelity.fidelity)
        rules.break_off(
            tr("Stopped after round {number}.", number=rules.number)
            if rules.number
            else tr("Stopped before the first round.")
        )
        run.rules = rules
        self._end(run, rules.remark)

    def _on_cleared(self) -> None:
        self._run = None
