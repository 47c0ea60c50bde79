"""Where things are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.platform import home as module
from app.platform.home import home


def test_each_system_has_its_place_and_a_variable_moves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PRISM_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(module.sys, "platform", "linux")
    assert home() == tmp_path / ".local" / "share" / "prism" and home().is_dir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert home() == tmp_path / "data" / "prism"
    monkeypatch.setattr(module.sys, "platform", "darwin")
    assert home() == tmp_path / "Library" / "Application Support" / "Prism"
    monkeypatch.setenv("PRISM_HOME", "~/elsewhere")
    assert home() == tmp_path / "elsewhere" and home().stat().st_mode & 0o077 == 0
