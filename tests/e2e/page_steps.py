"""What tests of pages do with the window, and what its diary says of versions."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.drag import drop
from tests.e2e.window import ROOT, Entry, Window, wait_until

needs_a_model_that_writes_pages = pytest.mark.skipif(
    "page" not in json.loads((ROOT / "resources" / "tour" / "jobs.json").read_text()),
    reason="the bundled model has not learnt to write pages yet (resources/tour/jobs.json)",
)
SCREENSHOT = ROOT / "resources" / "samples" / "courses.png"


def begin_page(display: Display, window: Window) -> float:
    """Drags the screenshot in and has its page made; returns the moment (seconds, monotonic) at which that began."""
    assert drop(display, [SCREENSHOT], *window.middle) == "CopyAction"
    window.wait_for("ready", 10)
    return window.press("ctrl+shift+p")


def heard(window: Window, what: str, title: str) -> list[Entry]:
    """What the diary says of a version."""
    return [entry for entry in window.happened(f"page {what}") if entry.facts["title"] == title]


def wait_for_version(window: Window, what: str, title: str, seconds: float = 90) -> Entry:
    """Waits until a version has come so far."""
    wait_until(lambda: heard(window, what, title), seconds, f"{title} is {what}")
    return heard(window, what, title)[-1]


def settled(window: Window, title: str, seconds: float = 90) -> Entry:
    """Waits until a version is measured, and what follows from that is over."""
    entry = wait_for_version(window, "measured", title, seconds)
    last = 0
    while len(window.diary()) != last:
        last = len(window.diary())
        time.sleep(0.7)
    return entry


def save_page(window: Window, target: Path) -> None:
    """Saves the version that is shown, through the dialog."""
    window.press("ctrl+s")
    time.sleep(1.0)
    window.press("ctrl+a")
    window.type(str(target))
    window.press("Return")
    wait_until(target.is_file, 10, "the page is saved")
