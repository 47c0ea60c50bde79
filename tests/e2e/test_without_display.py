"""Where no window can open, `python -m app` does the same job in the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.window import ROOT


def test_the_tour_is_taken_in_the_terminal(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    result = subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "stars.png · Detect every star." in result.stdout
    assert (tmp_path / "prism-out" / "stars.png").is_file()
