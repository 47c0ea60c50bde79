"""Every window, panel, sheet and menu: all words can be translated, none is cut off, every control has a name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.words import PSEUDO, VARIABLE

ROOT = Path(__file__).parents[3]


def faults(language: str, width: int, height: int, scale: int) -> list[str]:
    """What a walk in a process of its own finds; pictures go where `PRISM_SCREENS` says."""
    folder = os.environ.get("PRISM_SCREENS", "")
    more = [folder] if folder else []
    run = subprocess.run(
        [sys.executable, "-m", "tests.unit.app.every_screen", str(width), str(height), str(scale), "light", *more],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, VARIABLE: language, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0 and "Traceback" not in run.stderr, run.stderr
    return json.loads(run.stdout)


@pytest.mark.full
def test_no_word_is_forgotten_and_none_is_cut_off_when_words_are_longer() -> None:
    assert faults(PSEUDO, 1180, 760, 100) == []


@pytest.mark.full
@pytest.mark.parametrize(("width", "height", "scale"), [(860, 560, 100), (860, 560, 200), (1180, 760, 150)])
def test_words_have_room_and_controls_have_names(width: int, height: int, scale: int) -> None:
    assert faults("en", width, height, scale) == []
