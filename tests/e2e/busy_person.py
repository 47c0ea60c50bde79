"""Somebody who is at the window all day; what they do is drawn by lot, and done with keyboard and pointer."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests.e2e.display import Display
from tests.e2e.window import Window

_FIRST_ROW, _ROW, _ROWS = (
    120,
    32,
    5,
)  # pixels to the middle of the first conversation in the list, and between
_IN_THE_LIST, _ABOVE_THE_BOTTOM = 120, 88
_MOST_STEPS_BACK = 8


class BusyPerson:
    """Works in one window after another."""

    def __init__(self, chance: random.Random, display: Display) -> None:
        self._chance, self._display = chance, display
        self._deeds: tuple[Callable[[Window], object], ...] = (
            *(6 * [self._ask]), lambda window: window.press("ctrl+n"), lambda window: window.press("ctrl+r"),
            lambda window: window.press("Escape"), self._rename, self._pin, self._delete, self._edit, self.download,
            self._pause,
        )  # fmt: skip

    def work(self, window: Window, seconds: float) -> None:
        """Ask, ask again, begin anew, stop, rename, pin, delete, take that back, edit, download: for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._chance.choice(self._deeds)(window)
            time.sleep(self._chance.uniform(0.0, 0.4))

    def _word(self) -> str:
        return f"word{self._chance.randrange(10**9)}"

    def _ask(self, window: Window) -> None:
        window.ask(self._word())

    def _rename(self, window: Window) -> None:
        self._click_entry(window, 1)
        window.press("F2")
        window.ask(self._word())
        self._click_composer(window)

    def _pin(self, window: Window) -> None:
        self._click_entry(window, 3)
        window.press("Down", "Down", "Return")
        self._click_composer(window)

    def _delete(self, window: Window) -> None:
        self._click_entry(window, 1)
        window.press("Delete")
        if self._chance.random() < 0.5:
            window.press("ctrl+alt+z")
        self._click_composer(window)

    def _edit(self, window: Window) -> None:
        """From the field back to the last question, if it may be asked in other words now."""
        for _ in range(_MOST_STEPS_BACK):
            window.press("shift+Tab")
            time.sleep(0.03)
            if window.keyboard == "Edit question":
                window.press("space")
                window.ask(self._word())
                return
        self._click_composer(window)

    def download(self, window: Window) -> None:
        """Begin one, or go on with the one that there is."""
        self._use_download(window, "Resume", "Download")

    def _pause(self, window: Window) -> None:
        self._use_download(window, "Pause")

    def _use_download(self, window: Window, *wanted: str) -> None:
        """What stands beside the download, if it is one of these; it comes before the models to download."""
        window.press("ctrl+shift+m")
        window.wait_for_keyboard("Models")
        window.reach("Pause", "Resume", "Download")
        if window.keyboard.startswith(wanted):
            window.press("space")
        window.press("Escape")

    def _click_entry(self, window: Window, button: int) -> None:
        left, top, _, _ = window.box
        row = top + _FIRST_ROW + _ROW * self._chance.randrange(_ROWS)
        self._display.do("mousemove", left + _IN_THE_LIST, row, "click", button)
        time.sleep(0.1)

    def _click_composer(self, window: Window) -> None:
        self._display.do("mousemove", window.middle[0] + 120, window.box[3] - _ABOVE_THE_BOTTOM, "click", 1)
