"""A screen of our own: an X server in memory, a window manager, and hands and eyes for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from PIL import Image, ImageGrab

SIZE = (1400, 860)
PROGRAMS = ("Xvfb", "openbox", "xdotool")
_WINDOW_RULES = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew></focus>
  <keyboard><keybind key="A-F4"><action name="Close"/></keybind></keyboard>
  <applications>
    <application class="*"><decor>no</decor><focus>yes</focus></application>
  </applications>
</openbox_config>
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <match target="pattern">
    <test name="family"><string>sans-serif</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>
</fontconfig>
"""


@dataclass(frozen=True)
class Grab:
    """What the screen showed at a moment between `began` and `ended` (seconds, monotonic)."""

    picture: Image.Image
    began: float
    ended: float


class Display:
    """An X server that nobody else uses; a context manager.

    Attributes:
        folder: for the settings of programs that run on it.
        environment: what a program needs to open its windows here, and nothing of the developer's own desktop.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._name = ""

    def __enter__(self) -> Display:
        reading, writing = os.pipe()
        size = f"{SIZE[0]}x{SIZE[1]}x24"
        self._start(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
            pass_fds=(writing,),
        )
        os.close(writing)
        with os.fdopen(reading) as number:
            self._name = f":{number.readline().strip()}"
        assert self._name != ":", "Xvfb did not start"
        (self.folder / "openbox.xml").write_text(_WINDOW_RULES)
        (self.folder / "fonts.conf").write_text(_FONTS)
        self._start(["openbox", "--sm-disable", "--config-file", str(self.folder / "openbox.xml")])
        self.do("mousemove", SIZE[0] - 1, SIZE[1] - 1)  # out of the way: what the pointer is on looks different
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._processes):
            process.terminate()
            process.wait(10)

    def _start(self, command: list[str], pass_fds: tuple[int, ...] = ()) -> None:
        self._processes.append(
            subprocess.Popen(
                command,
                pass_fds=pass_fds,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    @property
    def environment(self) -> dict[str, str]:
        """Variables for a program on this screen."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder),
            "LANG": "C.UTF-8",
            "DISPLAY": self._name,
            "QT_QPA_PLATFORM": "xcb",
            "QT_LOGGING_RULES": "qt.qpa.theme.dbus=false",  # there is no session bus
            "FONTCONFIG_FILE": str(self.folder / "fonts.conf"),
        }

    def grab(self) -> Grab:
        """The whole screen, read from the X server."""
        began = time.monotonic()
        picture = ImageGrab.grab(xdisplay=self._name)
        return Grab(picture, began, time.monotonic())

    def do(self, *words: object) -> str:
        """Run xdotool with these words; returns what it prints."""
        result = subprocess.run(
            ["xdotool", *map(str, words)], env=self.environment, capture_output=True, text=True, check=False
        )
        return result.stdout.strip()


def missing_programs() -> list[str]:
    """What a virtual screen needs and this machine does not have."""
    return [program for program in PROGRAMS if shutil.which(program) is None]
