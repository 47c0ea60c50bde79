"""What a person is told about a machine before MLX computes on it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from mlx_gemma4 import host


@pytest.fixture
def bare_linux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Linux with g++ and an empty temporary folder."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(host.shutil, "which", lambda name: f"/usr/bin/{name}")
    return tmp_path


def test_the_first_answer_is_announced_as_slow_until_mlx_has_kept_its_loops(bare_linux: Path) -> None:
    note = host.first_answer_note()
    assert note is not None and "the first answer" in note
    (bare_linux / "mlx").mkdir()
    assert host.first_answer_note() is None


def test_nothing_is_announced_where_nothing_is_compiled(bare_linux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host.shutil, "which", lambda name: None)
    assert host.first_answer_note() is None
    assert any("g++" in reason for reason in host.slow_reasons())
    monkeypatch.setattr(sys, "platform", "darwin")
    assert host.slow_reasons() == ()
