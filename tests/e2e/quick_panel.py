"""The quick-ask panel, seen and used from outside."""

from __future__ import annotations

import time

from PIL import Image

from tests.e2e.display import Display
from tests.e2e.window import wait_until

HOTKEY = "alt+shift+space"
_STEPS = 10
_STEP_SECONDS = 0.02


class Panel:
    """Whatever Prism runs on this display."""

    def __init__(self, display: Display) -> None:
        self._display = display

    @property
    def window(self) -> str:
        """Its number on the X server; empty while it is not to be seen."""
        return self._display.do("search", "--onlyvisible", "--name", "^Quick Ask")

    @property
    def has_focus(self) -> bool:
        """Whether what is typed now would go to it."""
        return bool(self.window) and self._display.do("getactivewindow") == self.window

    def open(self, key: str = HOTKEY) -> float:
        """Press the key; returns how many seconds later the panel was seen to be there, with the keyboard."""
        pressed = time.monotonic()
        self._display.do("key", key)
        seen = wait_until(lambda: self.window, 5, "the panel opens")
        wait_until(lambda: self.has_focus, 5, "the panel has the keyboard")
        return seen - pressed

    def wait_until_gone(self) -> None:
        """It is closed, or has stepped aside."""
        wait_until(lambda: not self.window, 5, "the panel goes away")

    def type(self, text: str) -> None:
        """Type into it."""
        wait_until(lambda: self.has_focus, 5, "the panel has the keyboard")
        self._display.do("type", "--delay", 8, text)

    def capture(self, left: int, top: int, right: int, bottom: int) -> None:
        """Choose this part of the screen; the panel is back afterwards."""
        self.begin_capture()
        self._display.do("mousemove", left, top, "mousedown", 1)
        for step in range(1, _STEPS + 1):
            x, y = left + (right - left) * step // _STEPS, top + (bottom - top) * step // _STEPS
            self._display.do("mousemove", x, y)
            time.sleep(_STEP_SECONDS)
        self._display.do("mouseup", 1)
        wait_until(lambda: self.has_focus, 5, "the panel is back")

    def begin_capture(self) -> None:
        """Have the screen frozen for choosing."""
        self._display.do("key", "ctrl+shift+s")
        wait_until(lambda: self._display.do("search", "--onlyvisible", "--name", "^Choose a region"), 5, "the veil")
        time.sleep(0.15)  # until it is painted and has the keyboard

    def grab(self) -> Image.Image:
        """As the screen shows it."""
        geometry = self._display.do("getwindowgeometry", "--shell", self.window).splitlines()
        values = {name: int(value) for name, value in (line.split("=") for line in geometry) if name != "SCREEN"}
        left, top = values["X"], values["Y"]
        box = (left, top, left + values["WIDTH"], top + values["HEIGHT"])
        return self._display.grab().picture.crop(box)
