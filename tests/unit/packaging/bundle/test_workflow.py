"""The workflow for hosted Macs is one that GitHub would take, as far as actionlint knows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ACTIONLINT = Path(sys.executable).with_name("actionlint")
pytestmark = pytest.mark.skipif(not ACTIONLINT.exists(), reason="actionlint is not installed")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Looks at the workflows of a folder."""
    files = sorted(map(str, (folder / ".github" / "workflows").glob("*.yml")))
    assert files
    command = [str(ACTIONLINT), "-shellcheck=", "-pyflakes=", *files]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_workflow_passes(repository: Path) -> None:
    result = lint(repository)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_mistake_in_it_is_found(repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository / ".github", tmp_path / ".github")
    file = tmp_path / ".github" / "workflows" / "app.yml"
    file.write_text(file.read_text().replace("github.ref }}", "github.reference }}"))
    result = lint(tmp_path)
    assert result.returncode == 1 and 'property "reference" is not defined' in result.stdout


def test_it_runs_what_is_there(repository: Path) -> None:
    text = (repository / ".github" / "workflows" / "app.yml").read_text()
    targets = {line.split("make ")[1].strip() for line in text.splitlines() if line.strip().startswith("run: make ")}
    makefile = (repository / "Makefile").read_text()
    assert targets and not [target for target in targets if f"\n{target}: " not in makefile]
    assert "Prism --self-test" in text
