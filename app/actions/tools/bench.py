"""Where tools do their work: on a thread, or in the engine where a file has to be decoded; nothing here waits."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from app.actions.tools.failure import ToolError
from app.engine_link.bridge import EngineBridge
from app.engine_link.client import new_request_id
from app.state.attachments import Attachment, AttachmentStatus, Region
from mlx_gemma4.protocol.events import EngineFailed, Event, MediaProbed, MediaShown
from mlx_gemma4.protocol.json_values import Json, JsonObject
from mlx_gemma4.protocol.requests import ProbeMedia, ShowMedia

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Result:
    """What a tool gives: for the model to read, and pictures to look at; `failed` if it only says why it could not."""

    response: Json
    files: tuple[Attachment, ...] = ()
    failed: bool = False


Done: TypeAlias = Callable[[Result], None]
Seen: TypeAlias = Callable[[MediaProbed | MediaShown], None]


def failure(sentence: str) -> Result:
    """A result that says why there is none."""
    return Result({"error": sentence}, failed=True)


class Bench(QObject):
    """Runs pieces of work; each `done` is called on the thread that this lives on, once."""

    _computed = Signal(object, object)

    def __init__(self, engine: EngineBridge) -> None:
        super().__init__()
        self._engine = engine
        self._waiting: dict[str, tuple[Seen, Done, str]] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._computed.connect(lambda done, result: done(result))
        engine.event_received.connect(self._on_event_received)

    def compute(self, run: Callable[[], JsonObject], done: Done) -> None:
        """Run this on a thread of its own, which nobody waits for when Prism ends."""
        threading.Thread(target=self._compute, args=(run, done), name="tool", daemon=True).start()

    def look(self, request: ProbeMedia | ShowMedia, seen: Seen, done: Done, name: str) -> None:
        """Have the engine look at a file; `done` is called if it cannot, with `name` for the file's path."""
        self._waiting[request.id] = seen, done, name
        self._engine.send(request)

    def picture(self, shown: MediaShown, name: str, region: Region | None = None) -> Attachment:
        """What the engine shows as a file of ours, which an engine that ends does not take with it.

        Raises:
            ToolError: there is no room for it.
        """
        source = Path(shown.display)
        try:
            self._folder = self._folder or tempfile.TemporaryDirectory(prefix="prism-tools-")
            ours = Path(self._folder.name) / f"{next(_numbers)}{source.suffix}"
            try:
                os.link(source, ours)
            except OSError:
                shutil.copyfile(source, ours)
        except OSError as error:
            raise ToolError(f"The picture cannot be kept: {error.strerror}.") from error
        return _looked_at(Attachment(str(ours), new_request_id("tool"), name=name, region=region), shown)

    def close(self) -> None:
        """Remove what is only needed while the app runs."""
        self._waiting.clear()
        if self._folder is not None:
            self._folder.cleanup()

    def _compute(self, run: Callable[[], JsonObject], done: Done) -> None:
        try:
            result = Result(run())
        except ToolError as error:
            result = failure(str(error))
        with contextlib.suppress(RuntimeError):  # Prism has ended meanwhile
            self._computed.emit(done, result)

    def _on_event_received(self, event: Event) -> None:
        waiting = self._waiting.get(event.request_id)
        if waiting is None or not isinstance(event, MediaProbed | MediaShown | EngineFailed):
            return
        del self._waiting[event.request_id]
        seen, done, path = waiting
        if isinstance(event, EngineFailed):
            done(failure(f"{event.message} {event.hint}".strip().replace(path, Path(path).name)))
            return
        try:
            seen(event)
        except ToolError as error:
            done(failure(str(error)))


def original(path: Path, probed: MediaProbed) -> Attachment:
    """A picture file as the person has it, which the engine has looked at."""
    return _looked_at(Attachment(str(path), new_request_id("tool")), probed)


def _looked_at(file: Attachment, event: MediaProbed | MediaShown) -> Attachment:
    file.width, file.height = event.width, event.height
    file.display, file.thumbnail = event.display, event.thumbnail
    file.status = AttachmentStatus.READY
    return file


def here() -> datetime:
    """This moment, in this computer's time zone."""
    return datetime.now().astimezone()
