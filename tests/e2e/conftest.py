"""A screen for all tests, a window for each, and a folder for pictures of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import is_full
from tests.e2e.display import Display, missing_programs
from tests.e2e.shapes import draw_six_shapes
from tests.e2e.window import ROOT, Window

PICTURES = "PRISM_E2E_PICTURES"


@pytest.fixture(scope="session")
def display(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """A screen that shows nothing but these tests."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the virtual screen is an X server")
    if missing := missing_programs():
        reason = f"{' and '.join(missing)} not found: `make -B setup` names the packages"
        pytest.fail(reason) if is_full(request.config) else pytest.skip(reason)
    with Display(tmp_path_factory.mktemp("display")) as display:
        yield display


@pytest.fixture
def window(display: Display, tmp_path: Path) -> Iterator[Window]:
    """Prism, light, its model loaded."""
    with Window(display, tmp_path) as window:
        window.wait_for("ModelReady", 20)
        yield window


@pytest.fixture(scope="session")
def six_shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The picture file to drag."""
    return draw_six_shapes(tmp_path_factory.mktemp("pictures") / "six shapes.png")


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of the window are kept."""
    folder = Path(os.environ.get(PICTURES) or ROOT / "build" / "e2e")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
