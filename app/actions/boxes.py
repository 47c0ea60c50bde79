"""Exporting the boxes that are seen: to files of several kinds, and to the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, Signal
from PySide6.QtGui import QGuiApplication

from app.actions.action import Action
from app.actions.box_records import Shown, shown_pictures
from app.actions.sheets import show_request
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.export.formats import as_json
from app.export.records import PictureRecord
from app.export.writing import Kind, ending, names_folder, needs_pixels, safe_name, write_export
from app.platform.files import unused_path
from app.state.notices import Notice
from app.state.session import Session, with_names
from app.state.turn import Turn
from app.words import tr
from mlx_gemma4.protocol.cost import page_pixels
from mlx_gemma4.protocol.events import EngineFailed, Event, MediaShown

EXPORT_SUBJECT = "boxes"
_TITLES: tuple[tuple[Kind, str], ...] = (
    ("drawn", tr("Picture With Boxes…")),
    ("crops", tr("Crops…")),
    ("coco", tr("COCO JSON…")),
    ("yolo", tr("YOLO…")),
    ("json", tr("Prism JSON…")),
)


@dataclass
class _Export:
    """One that is under way; pictures are written once none is awaited any more."""

    kind: Kind
    target: Path
    pictures: list[PictureRecord]
    awaited: dict[str, int] = field(default_factory=dict)
    sources: list[Shown] = field(default_factory=list)


class BoxActions(QObject):
    """Acts on the boxes of the turn on the stage; those that are hidden or filtered away stay at home."""

    def __init__(self, session: Session, engine: EngineBridge, choose_target: Callable[[str], str]) -> None:
        """`choose_target` asks the person for a file to write, suggesting a name; empty for none."""
        super().__init__()
        self._session, self._engine = session, engine
        self._choose_target = choose_target
        self._export: _Export | None = None
        self._job: _Job | None = None
        self._turn: Turn | None = None
        self.exports = tuple(
            Action(f"boxes.export.{kind}", title, partial(self._begin, kind), f"Ctrl+Alt+{number}")
            for number, (kind, title) in enumerate(_TITLES, 1)
        )
        self.copy = Action("boxes.copy", tr("Copy as JSON"), self._copy, "Ctrl+Alt+J")
        engine.event_received.connect(self._on_event_received)
        stage = session.stage
        stage.turn_changed.connect(self._on_turn_changed)
        for changed in (stage.hidden_changed, stage.words_changed, stage.is_open_changed):
            changed.connect(self._update)
        self._on_turn_changed(stage.turn)

    def _copy(self) -> None:
        pictures = tuple(shown.record for shown in shown_pictures(self._session.stage))
        QGuiApplication.clipboard().setText(as_json(pictures))
        self._say("info", tr("The boxes were copied as JSON."))

    def _begin(self, kind: Kind) -> None:
        sources = shown_pictures(self._session.stage)
        if not sources or self._export is not None:
            return
        target = self._target(kind, sources)
        if target is None:
            return
        self._export = export = _Export(kind, target, [shown.record for shown in sources], sources=sources)
        for index, shown in enumerate(sources):
            if needs_pixels(kind) or not shown.record.width:
                request_id = new_request_id("export")
                export.awaited[request_id] = index
                self._engine.send(show_request(request_id, shown.of, shown.sheet, longest=None))
        self._update()
        self._go_on()

    def _target(self, kind: Kind, sources: list[Shown]) -> Path | None:
        """Where to write; a name that the person has not seen is never one that something has already."""
        suffix = ending(kind, len(sources))
        stem = safe_name(Path(sources[0].of.name).stem)
        what = {"crops": tr("crops"), "yolo": "YOLO", "coco": "COCO"}.get(kind, tr("boxes"))
        chosen = self._choose_target(str(unused_path(Path.home() / f"{stem} {what}{suffix}")))
        if not chosen:
            return None
        target = Path(chosen)
        if suffix == ".zip" and names_folder(target):
            return unused_path(target)
        endings = (".png", ".jpg", ".jpeg") if suffix == ".png" else (suffix,)
        return target if target.suffix.lower() in endings else unused_path(target.with_name(target.name + suffix))

    def _on_event_received(self, event: Event) -> None:
        export = self._export
        if export is None or event.request_id not in export.awaited:
            return
        index = export.awaited.pop(event.request_id)
        if isinstance(event, MediaShown):
            record, of = export.pictures[index], export.sources[index].of
            size = page_pixels(event.width, event.height) if of.pages else (event.width, event.height)
            export.pictures[index] = replace(record, width=size[0], height=size[1], path=event.display)
            self._go_on()
        elif isinstance(event, EngineFailed):
            self._end(with_names(event.message, [export.sources[index].of]))

    def _go_on(self) -> None:
        export = self._export
        if export is not None and not export.awaited and self._job is None:
            self._job = job = _Job(export.kind, tuple(export.pictures), export.target)
            job.done.connect(self._end)
            QThreadPool.globalInstance().start(job.run)

    def _end(self, problem: str) -> None:
        """Say how it went; a file with a problem was not written."""
        export, self._export, self._job = self._export, None, None
        assert export is not None
        if problem:
            self._say("problem", tr("The boxes cannot be exported: {problem}.", problem=problem.rstrip(".")))
        else:
            self._say("info", tr("The boxes were exported as “{name}”.", name=export.target.name))
        self._update()

    def _say(self, kind: str, text: str) -> None:
        self._session.notices.show(Notice("problem" if kind == "problem" else "info", text, EXPORT_SUBJECT))

    def _on_turn_changed(self, turn: Turn | None) -> None:
        if self._turn is not None:
            self._turn.box_found.disconnect(self._update)
            self._turn.restarted.disconnect(self._update)
        self._turn = turn
        if turn is not None:
            turn.box_found.connect(self._update)
            turn.restarted.connect(self._update)
        self._update()

    def _update(self, *_: object) -> None:
        stage, turn = self._session.stage, self._turn
        some = stage.is_open and turn is not None and any(map(stage.wants, turn.boxes))
        for action in self.exports:
            action.enabled = some and self._export is None
        self.copy.enabled = some


class _Job(QObject):
    """Writing, beside the window's thread; `done` has what went wrong, or nothing."""

    done = Signal(str)

    def __init__(self, kind: Kind, pictures: tuple[PictureRecord, ...], target: Path) -> None:
        super().__init__()
        self._kind: Kind = kind
        self._pictures, self._target = pictures, target

    def run(self) -> None:
        problem = ""
        try:
            write_export(self._kind, self._pictures, self._target)
        except OSError as error:
            problem = error.strerror or str(error)
        self.done.emit(problem)
