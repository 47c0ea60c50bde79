"""A program beside Prism, that the person really works in."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

from tests.e2e.display import Display
from tests.e2e.other_program import TITLE
from tests.e2e.window import wait_until

LEFT, TOP = 740, 300


class Neighbour:
    """A window with a picture and a field; a context manager. It has the keyboard when it is entered.

    Attributes:
        texts: all that has stood in its field.
        place: left and top of its picture on the screen.
    """

    def __init__(self, display: Display, picture: Path, holds: tuple[int, int] | None = None) -> None:
        """`holds` is the symbol and the modifiers of a key that it claims for itself."""
        self._display = display
        self._arguments = [str(LEFT), str(TOP), str(picture), *map(str, holds or ())]
        self.texts: list[str] = []
        self.place = LEFT, TOP

    def __enter__(self) -> Neighbour:
        script = str(Path(__file__).with_name("other_program.py"))
        self._process = subprocess.Popen(
            [sys.executable, script, *self._arguments],
            env=self._display.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        wait_until(lambda: "ready" in self.texts, 10, "the other program starts")
        self.texts.clear()
        self.focus()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(10)
        self._reader.join()

    @property
    def window(self) -> str:
        """Its number on the X server."""
        return self._display.do("search", "--onlyvisible", "--name", f"^{TITLE}$")

    @property
    def has_focus(self) -> bool:
        """Whether what is typed now would go to it."""
        return self._display.do("getactivewindow") == self.window

    def focus(self) -> None:
        """Work in it."""
        wait_until(lambda: self.window, 5, "the other program is on the screen")
        self._display.do("windowactivate", "--sync", self.window)
        wait_until(lambda: self.has_focus, 5, "the other program has the keyboard")
        time.sleep(0.1)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self.texts.append(line.rstrip("\n"))
