"""A folder to keep things in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.unit.app.store.keeping import Keeping


@pytest.fixture
def keeping(tmp_path: Path, qtbot: QtBot) -> Iterator[Keeping]:
    """Nothing is kept yet."""
    keeping = Keeping(tmp_path / "home", qtbot)
    yield keeping
    keeping.close()
