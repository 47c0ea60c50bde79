"""Files that the system wants opened, in a process whose only application is ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from app.platform.application import Application

app = Application(["prism"])
taken = []
for name in ("/one.png", "/two.png"):
    assert app.event(QFileOpenEvent(name))
app.event(QFileOpenEvent(QUrl("https://example.org/x")))
app.take_files(taken.append)
assert taken == [["/one.png", "/two.png"]], taken
app.sendEvent(app, QFileOpenEvent("/three.png"))
app.open_files([])
assert taken[1:] == [["/three.png"], []], taken
"""


def test_what_comes_before_the_window_waits_for_it(repository: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=repository, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
