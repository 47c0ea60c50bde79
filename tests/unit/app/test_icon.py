"""The app's icon is the one that its script draws."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from app.platform.bundled import bundled


@pytest.fixture
def script(repository: Path, qapp: QGuiApplication) -> ModuleType:
    """packaging/icon/draw_icon.py; `packaging` is a folder of scripts, not a package."""
    spec = importlib.util.spec_from_file_location("draw_icon", repository / "packaging" / "icon" / "draw_icon.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_bundled_icon_is_up_to_date_and_small(script: ModuleType) -> None:
    file = bundled("icons/prism.png")
    assert file.stat().st_size <= 200_000
    saved, drawn = QImage(str(file)), script.draw(script.SIDE)
    assert saved.size() == drawn.size()
    points = [(x, y) for x in range(0, 1024, 16) for y in range(0, 1024, 16)]
    one, other = _on_white(saved), _on_white(drawn)
    apart = [_distance(one.pixel(*point), other.pixel(*point)) for point in points]
    assert max(apart) <= 8  # rounding differs between processors


def test_its_corners_are_clear_and_its_middle_is_not(script: ModuleType) -> None:
    small = script.draw(64)
    assert [small.pixelColor(x, y).alpha() for x in (0, 63) for y in (0, 63)] == [0] * 4
    assert small.pixelColor(32, 32).alpha() == 255


def _on_white(image: QImage) -> QImage:
    """What is nearly clear has no certain colour of its own."""
    result = QImage(image.size(), QImage.Format.Format_RGB32)
    result.fill(Qt.GlobalColor.white)
    painter = QPainter(result)
    painter.drawImage(0, 0, image)
    painter.end()
    return result


def _distance(one: int, other: int) -> int:
    return max(abs((one >> shift & 255) - (other >> shift & 255)) for shift in (0, 8, 16, 24))
