"""The window on a real screen stays quick for a whole minute of two hundred events a second."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.display import Display
from tests.e2e.window import ROOT

MEASUREMENT = "tests/unit/app/views/test_latency.py::test_nor_does_one_in_a_whole_minute"


@pytest.mark.full
def test_no_slot_holds_the_window_up_in_a_whole_minute(display: Display) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--full", "-s", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", MEASUREMENT],
        cwd=ROOT,
        env={**display.environment, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    print(done.stdout)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr
    assert "working slots" in done.stdout
