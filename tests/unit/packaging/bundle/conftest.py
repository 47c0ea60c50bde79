"""What the tests of the bundle share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("macholib")

from bundle.app_folder import AppFolder
from check_bundle import find_faults

from tests.unit.packaging.bundle.small_bundle import SmallBundle

Faults = Callable[[], list[str]]


@pytest.fixture
def small(tmp_path: Path) -> SmallBundle:
    """A bundle without faults."""
    return SmallBundle(tmp_path)


@pytest.fixture
def faults(small: SmallBundle) -> Faults:
    """Checks it, and gives a line for each fault."""
    return lambda: [str(fault) for fault in find_faults(AppFolder(small.path), repository=small.repository)]
