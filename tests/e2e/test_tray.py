"""Prism's place in the tray: a click opens the panel, the other button a menu whose entries work."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.quick_panel import Panel
from tests.e2e.window import Window, wait_until

HEIGHT = 32


class Tray:
    """The tray's host, at the bottom right."""

    def __init__(self, display: Display) -> None:
        self._display = display
        words = f"--edge bottom --align right --widthtype request --heighttype pixel --height {HEIGHT}"
        self._process = subprocess.Popen(
            ["trayer", *words.split()],
            env=display.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: display.do("search", "--class", "trayer"), 10, "the tray is there")

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def click(self, button: int) -> None:
        """Press a button on the one icon that is in it."""
        wait_until(lambda: self._place()[0], 10, "the icon is in the tray")
        self._display.do("mousemove", *self._place()[1])
        time.sleep(0.2)
        self._display.do("click", button)

    def _place(self) -> tuple[bool, tuple[int, int]]:
        """Whether there is an icon, and its middle."""
        found = self._display.do("search", "--onlyvisible", "--class", "trayer").split()
        lines = self._display.do("getwindowgeometry", "--shell", found[-1]).splitlines() if found else []
        values = {name: int(value) for name, value in (line.split("=") for line in lines)}
        width = values.get("WIDTH", 0)
        middle = (values.get("X", 0) + width // 2, values.get("Y", 0) + HEIGHT // 2)
        return width >= HEIGHT // 2, middle


@pytest.fixture
def tray(display: Display, request: pytest.FixtureRequest) -> Iterator[Tray]:
    if not shutil.which("trayer"):
        reason = "trayer not found: `make -B setup` names the package"
        pytest.fail(reason) if request.config.getoption("--full") else pytest.skip(reason)
    tray = Tray(display)
    yield tray
    tray.close()


def choose(window: Window, entry: int) -> None:
    """Walk down the open menu to an entry, counted from 1."""
    time.sleep(0.3)
    window.press(*["Down"] * entry, "Return")


def test_a_click_opens_the_panel_and_the_menu_works(display: Display, tray: Tray, window: Window) -> None:
    panel = Panel(display)
    tray.click(1)
    wait_until(lambda: panel.has_focus, 5, "the panel opens")
    window.press("Escape")
    panel.wait_until_gone()
    tray.click(3)
    choose(window, 1)
    wait_until(lambda: panel.has_focus, 5, "the panel opens from the menu")
    window.press("Escape")
    panel.wait_until_gone()
    tray.click(3)
    choose(window, 2)
    wait_until(lambda: display.do("search", "--onlyvisible", "--name", "^Choose a region"), 5, "a region is asked for")
    time.sleep(0.2)
    window.press("Escape")
    wait_until(lambda: panel.has_focus, 5, "and the panel is there")
    window.press("Escape")
    panel.wait_until_gone()
    tray.click(3)
    choose(window, 5)
    assert window.process.wait(10) == 0


def test_it_can_live_in_the_menu_bar_alone(display: Display, tray: Tray, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "preferences.json").write_text(json.dumps({"menu_bar_only": True}))
    with Window(display, tmp_path, shown=False) as window:
        window.wait_for("ModelReady", 20)
        time.sleep(0.3)
        assert not window.is_shown
        panel = Panel(display)
        panel.open()
        window.press("Escape")
        panel.wait_until_gone()
        tray.click(3)
        choose(window, 3)
        wait_until(lambda: window.is_shown, 5, "the window is shown")
        time.sleep(0.3)
        window.close()
        time.sleep(0.5)
        assert window.process.poll() is None, "closing the window is not the end"
        panel.open()
