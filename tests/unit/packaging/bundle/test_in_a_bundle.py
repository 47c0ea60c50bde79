"""Our code in the bundle's folders, started by a launcher as in Prism.app: a script in place of Apple's program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bundle.project import copy_sources

from tests.unit.packaging.bundle.macho_files import write

pytest.importorskip("mlx")
pytest.importorskip("PySide6")

LAUNCHER = """\
#!/bin/sh
echo "$@" >> "$PRISM_TEST_STARTS"
PYTHONPATH="{app}" exec "{python}" -c 'import runpy, sys
sys.executable = "/usr/bin/false"
runpy.run_module("prism", run_name="__main__", alter_sys=True)' "$@"
"""


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    """Prism.app, with this Python and its libraries for those of a Mac; Python does not know who started it."""
    contents = tmp_path / "Prism.app" / "Contents"
    app = contents / "Resources" / "app"
    copy_sources(app)
    file = write(contents / "MacOS" / "Prism", LAUNCHER.format(app=app, python=sys.executable).encode())
    file.chmod(0o755)
    return file


def test_its_self_test_passes_and_children_are_started_by_the_launcher(launcher: Path, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    settings = {"QT_QPA_PLATFORM": "offscreen", "PRISM_TEST_STARTS": str(starts)}
    ended = subprocess.run(
        [launcher, "--self-test"], capture_output=True, text=True, cwd="/", env=os.environ | settings, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"resources: {launcher.parents[1] / 'Resources' / 'app' / 'resources'}" in ended.stdout
    begun = [line.split()[:3] for line in starts.read_text().splitlines()]
    assert begun[:3] == [["--self-test"], ["-m", "mlx_gemma4.engine.device"], ["-m", "app", "--engine"]]
    workers = [module for _, module, *_ in begun[3:]]
    assert workers and all(module.startswith("mlx_gemma4.engine.") for module in workers)
