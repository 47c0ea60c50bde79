"""`prism page` as a process: without a window, with the real engine and renderer."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.page_steps import needs_a_model_that_writes_pages
from tests.e2e.window import ROOT, is_alive, wait_until

SCREENSHOT = ROOT / "resources" / "samples" / "courses.png"


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command in a folder, where no window can open."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.Popen(
        [sys.executable, "-m", "app", "page", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def children(pid: int) -> list[int]:
    """Processes that this one has started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


@needs_a_model_that_writes_pages
@pytest.mark.full
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_rounds_are_printed_and_the_best_page_is_written(tmp_path: Path) -> None:
    process = start(tmp_path, str(SCREENSHOT), "-o", "page.html", "--rounds", "2")
    out, complaints = process.communicate(timeout=240)
    assert process.returncode == 0, complaints
    lines = out.splitlines()
    assert 2 <= len(lines) <= 3, out
    assert re.fullmatch(r"first: \d+\.\d %.*", lines[0]), out
    for title, line in zip(("fix 1", "fix 2"), lines[1:], strict=False):
        assert re.fullmatch(rf"{title}: (\d+\.\d %|not measured).*", line), out
    page = (tmp_path / "page.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and "Content-Security-Policy" in page
    assert "page.html: " in complaints


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interrupt_ends_it_and_all_that_it_has_started(tmp_path: Path) -> None:
    process = start(tmp_path, str(SCREENSHOT), "-o", "page.html")
    wait_until(lambda: len(children(process.pid)) >= 2, 30, "engine and renderer run")
    family = children(process.pid)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=20)
    assert process.returncode == 130, complaints
    assert time.monotonic() - began < 10 and "Traceback" not in complaints
    assert not any(is_alive(pid) for pid in family)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not a picture")
    process = start(tmp_path, "notes.png", "-o", "page.html")
    out, complaints = process.communicate(timeout=60)
    assert process.returncode == 2 and out == "", complaints
    assert "notes.png" in complaints and not (tmp_path / "page.html").exists()
