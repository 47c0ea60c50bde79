"""Logos and photos are cut out of the screenshot where the model has seen them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from app.page import crops as module
from app.page.crops import LARGEST_CROP, MOST_CROPS, crop, overlap

Save = Callable[[QImage], str]


def drawn(width: int, height: int, *areas: tuple[tuple[int, int, int, int], str]) -> QImage:
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    for area, colour in areas:
        painter.fillRect(*area, QColor(colour))
    painter.end()
    return picture


def noise(width: int, height: int, fmt: QImage.Format = QImage.Format.Format_RGB32) -> QImage:
    data = Random(5).randbytes(4 * width * height)
    return QImage(data, width, height, 4 * width, fmt).copy()


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    def save(picture: QImage) -> str:
        path = str(tmp_path / "shot.png")
        assert picture.save(path)
        return path

    return save


def opened(uri: str) -> QImage:
    return QImage.fromData(base64.b64decode(uri.partition(",")[2]))


def test_a_crop_is_what_is_in_the_box(saved: Save) -> None:
    path = saved(drawn(400, 200, ((40, 20, 100, 50), "red")))
    (one,) = crop(path, [(100, 100, 350, 350)])
    picture = opened(one.uri)
    assert (picture.width(), picture.height()) == (100, 50)
    assert {picture.pixelColor(x, y).name() for x in (0, 99) for y in (0, 49)} == {"#ff0000"}
    assert one.place == (0.1, 0.05, 0.25, 0.125)


def test_drawings_stay_sharp_and_photos_small(saved: Save) -> None:
    flat, photo = crop(saved(drawn(400, 200)), [(0, 0, 500, 500)]), crop(saved(noise(400, 200)), [(0, 0, 500, 500)])
    assert flat[0].uri.startswith("data:image/png;base64,")
    assert photo[0].uri.startswith("data:image/jpeg;base64,")


def test_what_is_see_through_stays_so(saved: Save) -> None:
    (one,) = crop(saved(noise(100, 100, QImage.Format.Format_ARGB32)), [(0, 0, 500, 500)])
    assert one.uri.startswith("data:image/png;base64,") and opened(one.uri).hasAlphaChannel()
    assert opened(one.uri).width() == 50


def test_a_crop_is_made_smaller_until_it_is_small_enough(saved: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_CROP", 20_000)
    (one,) = crop(saved(noise(800, 800)), [(0, 0, 1000, 500)])
    picture = opened(one.uri)
    assert len(one.uri) < 30_000 and 0 < picture.width() < 400
    assert picture.height() / picture.width() == pytest.approx(2, abs=0.1)
    assert LARGEST_CROP == 2_000_000


def test_useless_boxes_are_passed_over(saved: Save) -> None:
    path = saved(drawn(400, 200))
    assert crop(path, [(0, 0, 0, 0), (0, 0, 1000, 1000), (10, 10, 10, 900), (100, 999, 900, 1000)]) == ()
    assert len(crop(path, [(0, 0, 500, 500), (0, 5, 500, 500), (500, 500, 990, 990)])) == 2


def test_no_more_than_fifty(saved: Save) -> None:
    boxes = [(y, x, y + 90, x + 90) for y in range(0, 900, 100) for x in range(0, 900, 100)]
    assert len(crop(saved(drawn(400, 400)), boxes)) == MOST_CROPS


def test_all_together_stay_under_their_limit(saved: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_SUM", 100_000)
    boxes = [(0, x, 500, x + 200) for x in range(0, 1000, 200)]
    assert 0 < len(crop(saved(noise(800, 800)), boxes)) < 5


@pytest.mark.parametrize("content", [None, b"", b"not a picture"])
def test_a_file_that_is_no_picture_gives_nothing(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "shot.png"
    if content is not None:
        path.write_bytes(content)
    assert crop(str(path), [(0, 0, 500, 500)]) == ()


def test_overlap() -> None:
    assert overlap((0, 0, 1, 1), (0, 0, 1, 1)) == 1
    assert overlap((0, 0, 2, 1), (1, 0, 2, 1)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 1, 1), (1, 0, 1, 1)) == 0
