"""Drags files onto the window the way a person does: out of another program, through the X server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO

from tests.e2e.display import SIZE, Display
from tests.e2e.drag_source import SIDE

PAUSE = 0.06  # seconds between steps: X needs them to tell a drag from a jump
FETCH = 0.3  # seconds that the source stays after the drop: the target asks it for the data


class Drag:
    """Files in the air; a context manager. Move `over` something, then `drop`."""

    def __init__(self, display: Display, files: Iterable[Path | str]) -> None:
        """Paths, or strings that are URLs already."""
        self._display = display
        self._urls = [file if isinstance(file, str) else file.as_uri() for file in files]
        self._at = (SIZE[0] - SIDE // 2 - 10, SIZE[1] // 2)

    def __enter__(self) -> Drag:
        left, top = (value - SIDE // 2 for value in self._at)
        self._source = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("drag_source.py")), str(left), str(top), *self._urls],
            env=self._display.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._line() == "ready"
        time.sleep(0.2)  # until it is on the screen
        self._display.do("mousemove", *self._at)
        self._display.do("mousedown", 1)
        time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.kill()
        self._source.wait(10)
        self._output.close()

    @property
    def _output(self) -> IO[str]:
        assert self._source.stdout is not None
        return self._source.stdout

    def _line(self) -> str:
        return self._output.readline().strip()

    def over(self, x: int, y: int, steps: int = 8) -> None:
        """Carry the files there."""
        from_x, from_y = self._at
        for step in range(1, steps + 1):
            self._display.do("mousemove", from_x + (x - from_x) * step // steps, from_y + (y - from_y) * step // steps)
            time.sleep(PAUSE)
        for nudge in (1, 0):
            self._display.do("mousemove", x + nudge, y)
            time.sleep(PAUSE)
        self._at = (x, y)

    def drop(self) -> str:
        """Let go; returns what the source was told, such as CopyAction or IgnoreAction."""
        self._display.do("mouseup", 1)
        result = self._line()
        time.sleep(FETCH)
        self._display.do("mousemove", SIZE[0] - 1, SIZE[1] - 1)  # what the pointer is on looks different
        return result


def drop(display: Display, files: Iterable[Path | str], x: int, y: int) -> str:
    """Drag files to a place and let go there."""
    with Drag(display, files) as drag:
        drag.over(x, y)
        return drag.drop()
