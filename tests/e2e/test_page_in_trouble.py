"""A page whose writing breaks off leaves a usable stage, and the window says what happened."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.display import Display
from tests.e2e.page_steps import (
    begin_page,
    needs_a_model_that_writes_pages,
    save_page,
    wait_for_version,
)
from tests.e2e.window import Window, wait_until


def stop(window: Window) -> None:
    window.press("Escape")


def kill_engine(window: Window) -> None:
    os.kill(window.engines()[0], signal.SIGKILL)


@needs_a_model_that_writes_pages
@pytest.mark.full
@pytest.mark.parametrize(
    ("break_off", "sentence"),
    [
        (stop, "Stopped while it was being written."),
        (kill_engine, "The engine stopped before this answer was complete."),
    ],
)
def test_half_a_page_is_shown_and_can_be_saved_and_gone_on_from(
    display: Display,
    window: Window,
    tmp_path: Path,
    pictures: Path,
    break_off: Callable[[Window], None],
    sentence: str,
) -> None:
    begin_page(display, window)
    wait_for_version(window, "rendered", "first")
    break_off(window)
    cut_off = wait_for_version(window, "cut off", "first", 5)
    assert cut_off.facts["text"] == sentence
    wait_until(
        lambda: [e for e in window.happened("page rendered") if e.at > cut_off.at], 20, "what there is, is shown"
    )
    window.grab().picture.save(pictures / f"page-{break_off.__name__}.png", optimize=True)
    save_page(window, tmp_path / "half.html")
    assert "Content-Security-Policy" in (tmp_path / "half.html").read_text()
    window.press("ctrl+shift+f")
    wait_for_version(window, "measured", "first")  # by another engine, if need be
    wait_for_version(window, "version", "fix 1")
