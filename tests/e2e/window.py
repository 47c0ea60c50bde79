"""The app in its own process, seen and used from outside."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeAlias

from tests.e2e.display import Display, Grab

ROOT = Path(__file__).parents[2]
Scheme: TypeAlias = Literal["light", "dark"]
LEFT, TOP = 20, 20
_MOST_TABS = 40
_SETTLED = 0.08  # seconds: a sheet that is filled anew hands the keyboard to another control and back
_LEAST_WIDTH = 600  # pixels; menu-bar icons and tooltips are windows of the same name


@dataclass(frozen=True)
class Entry:
    """A line of the app's diary: what happened, when (seconds, monotonic), and the rest of the line."""

    at: float
    what: str
    facts: dict[str, Any]


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Waits for something to become true; returns the moment (seconds, monotonic) at which it was seen to be."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.01)
    return time.monotonic()


class Window:
    """A running Prism; a context manager that ends it.

    Attributes:
        started: when its process was started (seconds, monotonic).
        box: left, top, right and bottom of the window on the screen.
        window: its number on the X server.
        environment: what it was started with.
    """

    def __init__(
        self,
        display: Display,
        folder: Path,
        scheme: Scheme = "light",
        *,
        files: Sequence[Path] = (),
        shown: bool = True,
        more: Mapping[str, str] | None = None,
    ) -> None:
        """`files` are opened with it; without `shown` its window is not waited for.

        `more` are variables of its environment beside the usual.
        """
        self._display = display
        self._arguments = [str(file) for file in files]
        self._shown = shown
        self._diary = folder / "diary.jsonl"
        self._complaints = folder / "stderr.txt"
        self.environment = {
            **display.environment,
            **_desktop(folder, scheme),
            "PRISM_EVENT_LOG": str(self._diary),
            "PRISM_HOME": str(folder / "home"),
            **(more or {}),
        }
        self.window = ""
        self.box = (0, 0, 0, 0)

    def __enter__(self) -> Window:
        self._diary.touch()
        self.started = time.monotonic()
        with self._complaints.open("wb") as complaints:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", *self._arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=complaints,
                stderr=complaints,
                start_new_session=True,
            )
        if not self._shown:
            return self
        wait_until(self._find, 20, "the window opens")
        self._display.do("windowmove", "--sync", self.window, LEFT, TOP)
        self._display.do("windowactivate", "--sync", self.window)
        self._measure()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        family = self.family()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        for member in filter(is_alive, family):
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        if kind is None:
            complaints = self._complaints.read_text(errors="replace")
            assert not complaints, complaints

    def _find(self) -> bool:
        assert self.process.poll() is None, self._complaints.read_text(errors="replace")
        found = self._display.do("search", "--onlyvisible", "--pid", self.process.pid, "--name", "Prism").split()
        widths = {number: self._size(number)[0] for number in found}
        self.window = max(widths, key=lambda number: widths[number], default="")
        return widths.get(self.window, 0) >= _LEAST_WIDTH

    @property
    def is_shown(self) -> bool:
        """Whether the window is to be seen now."""
        return self._find()

    def _size(self, window: str) -> tuple[int, int]:
        lines = self._display.do("getwindowgeometry", "--shell", window).splitlines()
        values = dict(line.split("=") for line in lines)
        return int(values.get("WIDTH", 0)), int(values.get("HEIGHT", 0))

    def _measure(self) -> None:
        width, height = self._size(self.window)  # its place counts the frame twice
        self.box = (LEFT, TOP, LEFT + width, TOP + height)

    @property
    def middle(self) -> tuple[int, int]:
        """The middle of the window on the screen."""
        left, top, right, bottom = self.box
        return (left + right) // 2, (top + bottom) // 2

    def grab(self) -> Grab:
        """The window as the screen shows it."""
        grab = self._display.grab()
        return Grab(grab.picture.crop(self.box), grab.began, grab.ended)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        self._display.do("type", "--delay", 8, text)

    def press(self, *keys: str) -> float:
        """Press keys, named as X names them; returns the moment just before (seconds, monotonic)."""
        moment = time.monotonic()
        self._display.do("key", "--delay", 8, *keys)
        return moment

    @property
    def keyboard(self) -> str:
        """The name of what has the keyboard, as a screen reader would say it."""
        entries = self.happened("keyboard")
        return str(entries[-1].facts["name"]) if entries else ""

    def wait_for_keyboard(self, name: str, seconds: float = 5.0) -> None:
        """Waits until something of this name has the keyboard, like a sheet that opens."""
        wait_until(lambda: self.keyboard == name, seconds, f"{name} has the keyboard, not {self.keyboard}")

    def reach(self, *names: str) -> None:
        """Press Tab until something has the keyboard whose name begins like one of these."""
        passed: list[str] = []
        while not self._settled_keyboard().startswith(names):
            passed.append(self.keyboard)
            assert len(passed) < _MOST_TABS, f"{names} are not among {passed}"
            pressed = self.press("Tab")
            wait_until(lambda since=pressed: self.happened("keyboard", since), 5, f"Tab leaves {passed[-1]}")

    def _settled_keyboard(self) -> str:
        wait_until(lambda: time.monotonic() - self.happened("keyboard")[-1].at > _SETTLED, 5, "the keyboard stays")
        return self.keyboard

    def click(self, x: int, y: int) -> float:
        """Click there, counted from the left and upper edge or, below 0, from the others; the pointer leaves again.

        Returns the moment just before (seconds, monotonic).
        """
        left, top, right, bottom = self.box
        moment = time.monotonic()
        self._display.do(
            *("mousemove", "--sync", x + (left if x >= 0 else right), y + (top if y >= 0 else bottom), "click", 1)
        )
        self._display.do("mousemove", right + 20, bottom + 20)
        return moment

    def ask(self, question: str) -> float:
        """Type a question and send it; returns the moment at which it was sent."""
        self.type(question)
        return self.press("Return")

    def close(self) -> None:
        """Have the window manager close the window, as its close button does."""
        self.press("alt+F4")

    def diary(self) -> list[Entry]:
        """What the app has written down so far."""
        entries = [json.loads(line) for line in self._diary.read_text().splitlines() if line.endswith("}")]
        return [Entry(entry.pop("at"), entry.pop("what"), entry) for entry in entries]

    def happened(self, what: str, since: float = 0.0) -> list[Entry]:
        """Entries of this kind, not older than `since`."""
        return [entry for entry in self.diary() if entry.what == what and entry.at >= since]

    def wait_for(self, what: str, seconds: float, since: float = 0.0) -> Entry:
        """Waits for the first entry of this kind."""
        try:
            wait_until(lambda: self.happened(what, since), seconds, what)
        except AssertionError as error:
            diary, complaints = self._diary.read_text()[-2_000:], self._complaints.read_text(errors="replace")[-2_000:]
            raise AssertionError(f"{error}\n{diary}\n{complaints}") from None
        return self.happened(what, since)[0]

    def sentences(self) -> list[str]:
        """Everything that notices, refused files and failed answers have said so far, in order."""
        said: list[str] = []
        for entry in self.diary():
            if entry.what in ("refused", "EngineFailed"):
                said.append(entry.facts["text"])
            elif entry.what == "notices":
                said += entry.facts["texts"]
        return said

    def engines(self) -> list[int]:
        """Process ids of its engine (or engines)."""
        return [pid for pid in _children(self.process.pid) if "--engine" in _command(pid)]

    def family(self) -> list[int]:
        """Process ids of everything that it has started, and of what those have started."""
        found = _children(self.process.pid)
        for pid in found:
            found += _children(pid)  # and so down to the last: the list grows while it is walked
        return found


def is_alive(pid: int) -> bool:
    """Whether a process exists and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] not in "ZX":
            found.append(int(stat.parent.name))
    return found


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def _desktop(folder: Path, scheme: Scheme) -> dict[str, str]:
    """A desktop whose settings say light or dark: what a person chooses in the system, not in the app."""
    settings = folder / "settings"
    settings.mkdir(exist_ok=True)
    name = "BreezeDark" if scheme == "dark" else "BreezeLight"
    (settings / "kdeglobals").write_text(f"[General]\nColorScheme={name}\n")
    return {"XDG_CURRENT_DESKTOP": "KDE", "KDE_SESSION_VERSION": "6", "XDG_CONFIG_HOME": str(settings)}
