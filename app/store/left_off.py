"""How the window was left: its place and parts, and the question that was being written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.store.json_file import read_json, write_json

FILE, FOLDER = "window.json", "draft"
_SOON_MS = 300


@dataclass(frozen=True)
class LeftOff:
    """Everything that is as it was the next time.

    Attributes:
        place: size and position, in Qt's own words, base64.
        widths: of what the splitter parts.
        sidebar: whether the list of conversations is shown.
        stage: whether the stage is; None if nothing was there to show.
        draft: the words of the question being written.
        files: its files.
    """

    place: str = ""
    widths: tuple[int, ...] = ()
    sidebar: bool = True
    stage: bool | None = None
    draft: str = ""
    files: tuple[str, ...] = ()


class LeftOffStore(QObject):
    """Writes what `gather` gives soon after `changed`, and once more on closing."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._gather: Callable[[], LeftOff] | None = None
        self._written: LeftOff | None = None
        self._timer = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._timer.timeout.connect(self.write)

    def read(self) -> LeftOff:
        """How it was left; as ever, where that is not known."""
        values = read_json(self._folder / FILE)
        usual = LeftOff()
        if not isinstance(values, dict):
            return usual
        place, draft, stage = values.get("place"), values.get("draft"), values.get("stage")
        widths, files = values.get("widths"), values.get("files")
        return LeftOff(
            place if isinstance(place, str) else "",
            tuple(widths) if isinstance(widths, list) and all(type(width) is int for width in widths) else (),
            values.get("sidebar") is not False,
            stage if isinstance(stage, bool) else None,
            draft if isinstance(draft, str) else "",
            tuple(file for file in files if isinstance(file, str) and Path(file).is_file())
            if isinstance(files, list)
            else (),
        )

    def follow(self, gather: Callable[[], LeftOff]) -> None:
        """Write what this gives, from now on."""
        self._gather = gather

    def changed(self) -> None:
        """Something is another way than it was written; never later than 300 ms it is written again."""
        if not self._timer.isActive():
            self._timer.start()

    def write(self) -> None:
        """Write now, if there is anything new."""
        self._timer.stop()
        state = self._gather() if self._gather is not None else None
        if state is not None and state != self._written and write_json(self._folder / FILE, asdict(state)):
            self._written = state

    def own(self, files: Sequence[str]) -> tuple[str, ...]:
        """The files, with copies of those that end with this Prism: what was pasted or captured."""
        folder, kept = self._folder / FOLDER, []
        for file in map(Path, files):
            if file.is_relative_to(tempfile.gettempdir()) and "prism-" in str(file) and file.is_file():
                copy = folder / file.name
                if not copy.is_file():
                    folder.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, copy)
                kept.append(str(copy))
            else:
                kept.append(str(file))
        if not files and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
        return tuple(kept)
