"""A key from another program opens the panel; a region is dragged and asked about; Esc, and all is as before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.display import SIZE, Display
from tests.e2e.drag import drop
from tests.e2e.neighbour import Neighbour
from tests.e2e.pixels import boxes_seen, difference, mean_brightness
from tests.e2e.quick_panel import Panel
from tests.e2e.shapes import SHAPES
from tests.e2e.shapes import SIZE as PICTURE
from tests.e2e.window import ROOT, Scheme, Window, wait_until

OPEN_SECONDS = 0.3
QUESTION = "Detect all objects."
SPACE, ALT_SHIFT = 0x20, 9


@pytest.fixture
def panel(display: Display, window: Window) -> Panel:
    time.sleep(0.5)  # a person does not press the key while Prism is starting
    return Panel(display)


@pytest.fixture
def neighbour(display: Display, window: Window, six_shapes: Path) -> Iterator[Neighbour]:
    with Neighbour(display, six_shapes) as neighbour:
        yield neighbour


def region(neighbour: Neighbour) -> tuple[int, int, int, int]:
    """The whole picture that the neighbour shows."""
    left, top = neighbour.place
    return left, top, left + PICTURE[0], top + PICTURE[1]


def ask_about_region(panel: Panel, window: Window, neighbour: Neighbour) -> float:
    """Captures the neighbour's picture and asks; returns the moment at which it was sent."""
    panel.capture(*region(neighbour))
    window.wait_for("ready", 10)
    panel.type(QUESTION)
    return window.press("Return")


def test_from_another_program_and_back(display: Display, window: Window, panel: Panel, neighbour: Neighbour) -> None:
    before = display.grab().picture
    took = panel.open()
    print(f"the panel opened after {took * 1000:.0f} ms")
    assert took < OPEN_SECONDS
    panel.type("What")
    sent = ask_about_region(panel, window, neighbour)
    window.wait_for("BoxFound", 20, since=sent)
    early = 0
    while not window.happened("TurnFinished", since=sent):
        early = max(early, len(boxes_seen(panel.grab())))
        assert time.monotonic() < sent + 30
    time.sleep(0.5)
    late = panel.grab()
    assert early >= 1
    assert len(boxes_seen(late)) == len(SHAPES)
    assert late.width <= 640 and late.height <= 420
    window.press("Escape")
    panel.wait_until_gone()
    wait_until(lambda: neighbour.has_focus, 2, "the other program has the keyboard again")
    display.do("mousemove", SIZE[0] - 1, SIZE[1] - 1)
    time.sleep(0.4)
    assert difference(before, display.grab().picture) < 0.001, "every window is as it was"
    display.do("type", "go on")
    wait_until(lambda: neighbour.texts[-1:] == ["go on"], 5, "what is typed goes to the other program")
    assert not [entry for entry in window.diary() if entry.what == "attached" and "Region" not in entry.facts["path"]]


def test_a_cancelled_region_leaves_the_question(window: Window, panel: Panel, neighbour: Neighbour) -> None:
    panel.open()
    panel.type("Hel")
    panel.begin_capture()
    window.press("Escape")
    panel.type("lo")
    sent = window.press("Return")
    window.wait_for("TextDelta", 20, since=sent)
    assert not window.happened("attached")
    window.press("Escape")
    panel.wait_until_gone()
    wait_until(lambda: neighbour.has_focus, 2, "the other program has the keyboard again")


def test_the_same_key_closes_it_and_what_is_being_answered_is_stopped(
    display: Display, window: Window, panel: Panel, neighbour: Neighbour
) -> None:
    panel.open()
    sent = ask_about_region(panel, window, neighbour)
    window.wait_for("BoxFound", 20, since=sent)
    display.do("key", "alt+shift+space")
    panel.wait_until_gone()
    finished = window.wait_for("TurnFinished", 5, since=sent)
    assert finished.at < window.wait_for("quick ask closed", 1).at + 0.3
    panel.open()
    time.sleep(0.3)
    assert panel.grab().height <= 80, "it begins anew"


def test_the_conversation_goes_on_in_the_window(
    display: Display, window: Window, panel: Panel, neighbour: Neighbour
) -> None:
    panel.open()
    sent = ask_about_region(panel, window, neighbour)
    window.wait_for("BoxFound", 20, since=sent)
    window.press("ctrl+Return")
    panel.wait_until_gone()
    window.wait_for("TurnFinished", 20, since=sent)
    wait_until(lambda: "Prism" in display.do("getwindowname", display.do("getactivewindow")), 3, "the window is active")
    time.sleep(0.6)
    assert len(boxes_seen(window.grab().picture)) == len(SHAPES)
    sent = window.ask("How many?")
    window.wait_for("TurnFinished", 30, since=sent)
    assert not window.sentences()


def test_it_overtakes_what_the_window_is_answering(
    display: Display, window: Window, panel: Panel, six_shapes: Path
) -> None:
    drop(display, [six_shapes], *window.middle)
    window.wait_for("ready", 10)
    panel.open()
    panel.type("Hello")
    window.press("Escape")
    panel.wait_until_gone()
    display.do("windowactivate", "--sync", window.window)
    sent = window.ask(QUESTION)
    panel.open()
    panel.type("Hello")
    window.press("Return")
    wait_until(lambda: _said(window, "quick-"), 20, "the quick question is answered")
    window.wait_for("TurnFinished", 20, since=sent)
    wait_until(lambda: len(window.happened("TurnFinished", since=sent)) == 2, 30, "both are over")
    ends = {entry.facts["request_id"].split("-")[0]: entry.at for entry in window.happened("TurnFinished", since=sent)}
    assert set(ends) == {"quick", "ask"}
    window.press("Escape")
    panel.wait_until_gone()
    display.do("mousemove", SIZE[0] - 1, SIZE[1] - 1)
    time.sleep(0.6)
    assert len(boxes_seen(window.grab().picture)) == len(SHAPES)


def test_the_window_captures_regions_too(display: Display, window: Window, panel: Panel, neighbour: Neighbour) -> None:
    display.do("windowactivate", "--sync", window.window)
    neighbour.focus()
    display.do("windowraise", neighbour.window)
    display.do("windowfocus", "--sync", window.window)
    panel.begin_capture()
    window.press("Escape")
    time.sleep(0.3)
    assert not window.happened("attached") and not panel.window
    panel.begin_capture()
    left, top, right, bottom = region(neighbour)
    display.do("mousemove", left + 5, top + 5, "mousedown", 1, "mousemove", left + 100, top + 90)
    display.do("mousemove", right - 5, bottom - 5, "mouseup", 1)
    assert "Region" in window.wait_for("ready", 10).facts["path"]
    assert display.do("getactivewindow") == window.window


def _said(window: Window, kind: str) -> bool:
    return any(entry.facts["request_id"].startswith(kind) for entry in window.happened("TextDelta"))


def test_a_taken_key_is_reported_and_another_one_can_be_chosen(
    display: Display, tmp_path: Path, six_shapes: Path
) -> None:
    with Neighbour(display, six_shapes, holds=(SPACE, ALT_SHIFT)), Window(display, tmp_path) as window:
        window.wait_for("ModelReady", 20)
        assert any("Another program has taken" in sentence for sentence in window.sentences())
        display.do("windowactivate", "--sync", window.window)
        window.press("ctrl+comma")
        wait_until(lambda: display.do("search", "--onlyvisible", "--name", "^Settings"), 5, "the settings open")
        time.sleep(0.3)
        for keys in ("Down", "Down", "Tab", "space", "alt+shift+k"):  # to the section of Quick Ask, and its first field
            window.press(keys)
            time.sleep(0.2)
        window.press("Escape")
        time.sleep(0.3)
        assert Panel(display).open("alt+shift+k") < OPEN_SECONDS
        kept = json.loads((tmp_path / "home" / "preferences.json").read_text())
        assert kept == {"hotkey": "Alt+Shift+K"}


def test_a_second_prism_hands_its_files_to_the_first(
    display: Display, window: Window, neighbour: Neighbour, six_shapes: Path
) -> None:
    def second(*files: str) -> int:
        return subprocess.run(
            [sys.executable, "-m", "app", *files],
            cwd=ROOT,
            env={**window.environment, "PYTHONPATH": str(ROOT)},
            timeout=20,
            check=False,
        ).returncode

    assert second(os.path.relpath(six_shapes, ROOT)) == 0
    assert window.wait_for("ready", 10).facts["path"] == str(six_shapes)
    wait_until(lambda: display.do("getactivewindow") == window.window, 5, "the window comes to the front")
    neighbour.focus()
    assert second() == 0
    wait_until(lambda: display.do("getactivewindow") == window.window, 5, "the window comes to the front")
    assert len(window.happened("attached")) == 1


def test_what_a_killed_prism_leaves_behind_keeps_nobody_out(display: Display, tmp_path: Path, six_shapes: Path) -> None:
    with Window(display, tmp_path) as window:
        window.wait_for("ModelReady", 20)
        window.process.send_signal(signal.SIGKILL)
        window.process.wait(10)
    with Window(display, tmp_path, files=[six_shapes]) as window:
        assert window.wait_for("ready", 20).facts["path"] == str(six_shapes)


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_has_its_picture(
    display: Display, tmp_path: Path, six_shapes: Path, pictures: Path, scheme: Scheme
) -> None:
    panel = Panel(display)
    with Window(display, tmp_path, scheme) as window, Neighbour(display, six_shapes) as neighbour:
        window.wait_for("ModelReady", 20)
        panel.open()
        time.sleep(0.3)
        empty = panel.grab()
        empty.save(pictures / f"quick-empty-{scheme}.png")
        panel.begin_capture()
        display.grab().picture.save(pictures / f"quick-region-{scheme}.png")
        window.press("Escape")
        panel.capture(*region(neighbour))
        window.wait_for("ready", 10)
        time.sleep(0.3)
        panel.grab().save(pictures / f"quick-captured-{scheme}.png")
        panel.type(QUESTION)
        sent = window.press("Return")
        window.wait_for("TurnFinished", 20, since=sent)
        time.sleep(0.5)
        panel.grab().save(pictures / f"quick-answered-{scheme}.png")
    assert (mean_brightness(empty) > 200) is (scheme == "light")
