"""The screen stays on while something is worked on: a real bus, and a screen saver that says what it hears."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

from app.platform import here
from app.platform.stay_awake import REASON
from app.platform.stay_awake_linux import ScreenSaverInhibitor
from app.platform.stay_awake_mac import MacStayAwake

HERE = Path(__file__).parent
_WORK = f"""
import sys
from PySide6.QtCore import QCoreApplication
sys.path.insert(0, {str(HERE.parents[3])!r})
from app.platform.here import make_stay_awake
app = QCoreApplication([])
awake = make_stay_awake()
for line in sys.stdin:
    getattr(awake, line.strip())()
    app.processEvents()
    print("done", flush=True)
"""


class Bus:
    """A session bus of its own, and programs on it."""

    def __init__(self) -> None:
        self.daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
            text=True,
            stderr=subprocess.DEVNULL,
        )
        assert self.daemon.stdout is not None
        self.environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.daemon.stdout.readline().strip()}
        self.programs = [self.daemon]

    def start(self, *command: str) -> subprocess.Popen[str]:
        program = subprocess.Popen(
            command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.programs.append(program)
        return program

    def close(self) -> None:
        for program in reversed(self.programs):
            program.kill()
            program.wait(10)
            for pipe in (program.stdin, program.stdout):
                if pipe is not None:
                    pipe.close()


@pytest.fixture
def bus() -> Iterator[Bus]:
    if not shutil.which("dbus-daemon"):
        pytest.skip("there is no dbus-daemon")
    bus = Bus()
    yield bus
    bus.close()


def line(pipe: IO[str] | None) -> str:
    assert pipe is not None
    return pipe.readline().strip()


def tell(program: subprocess.Popen[str], word: str) -> None:
    assert program.stdin is not None
    program.stdin.write(f"{word}\n")
    program.stdin.flush()
    assert line(program.stdout) == "done"


def test_the_screen_saver_is_held_off_and_let_go_and_held_off_again(bus: Bus) -> None:
    saver = bus.start(sys.executable, str(HERE / "screen_saver.py"))
    assert line(saver.stdout) == "ready"
    work = bus.start(sys.executable, "-c", _WORK)
    for _ in range(2):
        tell(work, "hold")
        tell(work, "hold")
        assert line(saver.stdout) == f"Inhibit|Prism|{REASON}"
        tell(work, "release")
        assert line(saver.stdout) == "left", "the second time it is asked is not heard"
    tell(work, "hold")
    assert line(saver.stdout).startswith("Inhibit")
    work.kill()
    assert line(saver.stdout) == "left", "and a crash lets go as well"


def test_a_desktop_without_a_screen_saver_is_no_trouble(bus: Bus) -> None:
    work = bus.start(sys.executable, "-c", _WORK)
    tell(work, "hold")
    tell(work, "release")
    bus.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
    work = bus.start(sys.executable, "-c", _WORK)
    tell(work, "hold")
    tell(work, "release")


def test_the_mac_is_told_of_an_activity_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    class Process:
        def beginActivityWithOptions_reason_(self, options: int, reason: str) -> str:
            told.append((options, reason))
            return "activity"

        def endActivity_(self, activity: str) -> None:
            told.append(activity)

    foundation = SimpleNamespace(
        NSActivityUserInitiated=1,
        NSActivityIdleSystemSleepDisabled=4,
        NSProcessInfo=SimpleNamespace(processInfo=Process),
    )
    monkeypatch.setitem(sys.modules, "Foundation", foundation)
    awake = MacStayAwake()
    awake.release()
    awake.hold()
    awake.hold()
    awake.release()
    awake.release()
    assert told == [(5, REASON), "activity"]


@pytest.mark.parametrize(("system", "kind"), [("darwin", MacStayAwake), ("linux", ScreenSaverInhibitor)])
def test_each_system_has_its_own(monkeypatch: pytest.MonkeyPatch, system: str, kind: type) -> None:
    monkeypatch.setattr(here.sys, "platform", system)
    assert isinstance(here.make_stay_awake(), kind)
