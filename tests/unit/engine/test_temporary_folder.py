"""Temporary folder: removed when asked, and later when its app is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mlx_gemma4.engine.temporary_folder import TemporaryFolder


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_it_goes_with_all_that_is_in_it() -> None:
    folder = TemporaryFolder()
    (folder.path / "a.png").touch()
    folder.remove()
    assert not folder.path.exists()


def test_folders_of_apps_that_are_gone_go_and_those_of_others_stay(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale = tmp_path / f"prism-engine-{ended.pid}-abc"
    alive = tmp_path / f"prism-engine-{os.getpid()}-abc"
    foreign = tmp_path / "prism-pictures"
    for folder in (stale, alive, foreign):
        folder.mkdir()
    first, second = TemporaryFolder(), TemporaryFolder()
    assert not stale.exists()
    assert all(folder.exists() for folder in (alive, foreign, first.path, second.path))
