"""The log takes what a process and its children complain about."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.platform.log import EARLIER_LOG, LOG, VARIABLE, log_folder, note, wants_log

KEEP = "import sys; from pathlib import Path; from app.platform.log import keep_log; keep_log(Path(sys.argv[1])); "


def run_with_log(folder: Path, code: str, cwd: Path) -> str:
    """What still comes out at the usual place."""
    run = [sys.executable, "-c", KEEP + code, str(folder)]
    return subprocess.run(run, capture_output=True, text=True, cwd=cwd, check=True).stderr


def test_it_takes_everything_that_goes_where_errors_go(tmp_path: Path, repository: Path) -> None:
    code = (
        "import os, subprocess; print('python', file=sys.stderr); os.write(2, b'library\\n'); "
        "subprocess.run([sys.executable, '-c', 'import os; os.write(2, b\"child\\\\n\")'])"
    )
    assert run_with_log(tmp_path / "logs", code, repository) == ""
    assert (tmp_path / "logs" / LOG).read_text().split() == ["python", "library", "child"]


def test_it_goes_on_where_it_was_and_begins_anew_when_it_is_long(tmp_path: Path, repository: Path) -> None:
    (tmp_path / LOG).write_text("x" * 1000)
    run_with_log(tmp_path, "print('more', file=sys.stderr)", repository)
    assert (tmp_path / LOG).read_text() == "x" * 1000 + "more\n"
    (tmp_path / LOG).write_text("y" * 1_000_001)
    run_with_log(tmp_path, "print('anew', file=sys.stderr)", repository)
    assert (tmp_path / LOG).read_text() == "anew\n"
    assert (tmp_path / EARLIER_LOG).stat().st_size == 1_000_001


def test_where_no_log_can_be_everything_goes_on_without(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "file").touch()
    said = run_with_log(tmp_path / "file", "print('still', file=sys.stderr)", repository)
    assert "There is no log" in said and said.endswith("still\n")


def test_it_is_kept_for_apps_and_for_those_who_ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert not wants_log()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "Prism.app" / "Contents" / "MacOS" / "Prism"))
    monkeypatch.setattr(os, "isatty", lambda descriptor: False)
    assert wants_log()
    monkeypatch.setattr(os, "isatty", lambda descriptor: True)
    assert not wants_log()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert wants_log() and log_folder() == tmp_path


def test_lines_have_a_time() -> None:
    lines: list[str] = []
    note("The engine ended with 1.", lines.append)
    assert lines[0][4] == "-" and lines[0].endswith(" The engine ended with 1.\n")
