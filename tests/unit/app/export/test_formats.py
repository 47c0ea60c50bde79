"""What other programs read: every format is read back by what its readers do, and lies on the right pixels."""

from __future__ import annotations

import contextlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage

from app.export.formats import as_coco, as_json, as_yolo
from app.export.records import BoxRecord, PictureRecord, pixels
from app.export.writing import Kind, ending, safe_name, write_export
from app.platform.files import unused_path, whole_file

BLUE, RED = "#56B4E9", "#D55E00"
WIDTH, HEIGHT = 400, 300
PLACE = (200.0, 250.0, 600.0, 500.0)  # pixels 100–200 across, 60–180 down


@pytest.fixture
def pictures(tmp_path: Path, qapp: object) -> tuple[PictureRecord, ...]:
    """Grey, with a red rectangle where the first box is; and a page with a box of the same label."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("#808080"))
    for y in range(60, 180):
        for x in range(100, 200):
            image.setPixelColor(x, y, QColor("#FF0000"))
    image.save(str(tmp_path / "shot.png"))
    path = str(tmp_path / "shot.png")
    first = (BoxRecord("cat", PLACE, BLUE), BoxRecord("a/b: “dog”\n", (0.0, 0.0, 1000.0, 1000.0), RED))
    return (
        PictureRecord("shot", "shot.heic", WIDTH, HEIGHT, first, path=path),
        PictureRecord("doc page 2", "doc.pdf", WIDTH, HEIGHT, (BoxRecord("cat", PLACE, BLUE),), page=2, path=path),
    )


def coco_checked(text: str) -> dict[str, Any]:
    """Reads it as pycocotools' `createIndex` does, and holds it against the format's rules."""
    values = json.loads(text)
    images = {image["id"]: image for image in values["images"]}
    categories = {category["id"]: category for category in values["categories"]}
    assert len(images) == len(values["images"]) and len(categories) == len(values["categories"])
    assert len({note["id"] for note in values["annotations"]}) == len(values["annotations"])
    for image in images.values():
        assert isinstance(image["file_name"], str) and image["width"] > 0 and image["height"] > 0
    for note in values["annotations"]:
        image = images[note["image_id"]]
        assert note["category_id"] in categories and note["iscrowd"] == 0 and note["segmentation"] == []
        x, y, width, height = note["bbox"]
        assert note["area"] == pytest.approx(width * height) and min(x, y, width, height) >= 0
        assert x + width <= image["width"] + 0.01 and y + height <= image["height"] + 0.01
    return values


def test_coco(pictures: tuple[PictureRecord, ...]) -> None:
    values = coco_checked(as_coco(pictures))
    assert [image["file_name"] for image in values["images"]] == ["shot.heic", "doc page 2.png"]
    assert [category["name"] for category in values["categories"]] == ["cat", "a/b: “dog”"]
    assert [note["bbox"] for note in values["annotations"]] == [
        [100, 60, 100, 120],
        [0, 0, 400, 300],
        [100, 60, 100, 120],
    ]
    assert [(note["image_id"], note["category_id"]) for note in values["annotations"]] == [(1, 1), (1, 2), (2, 1)]


def test_yolo(pictures: tuple[PictureRecord, ...], tmp_path: Path) -> None:
    write_export("yolo", pictures, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert files == as_yolo(pictures)
    classes = files["classes.txt"].splitlines()
    assert set(files) == {"classes.txt", "labels/shot.txt", "labels/doc page 2.txt"}
    for name, count in (("shot", 2), ("doc page 2", 1)):
        lines = files[f"labels/{name}.txt"].splitlines()
        assert len(lines) == count
        number, *values = lines[0].split()
        x, y, width, height = (float(value) for value in values)
        assert classes[int(number)] == "cat"
        corner = ((x - width / 2) * WIDTH, (y - height / 2) * HEIGHT, width * WIDTH, height * HEIGHT)
        assert corner == pytest.approx((100, 60, 100, 120), abs=0.01)


def test_our_own_json(pictures: tuple[PictureRecord, ...]) -> None:
    values = json.loads(as_json(pictures))
    assert (values["format"], values["version"]) == ("prism-boxes", 1)
    first, second = values["pictures"]
    assert (first["file"], first["width"], second["page"]) == ("shot.heic", 400, 2) and "page" not in first
    box = {"label": "cat", "box_2d": [200, 250, 600, 500], "colour": BLUE, "pixels": [100, 60, 100, 120]}
    assert first["boxes"][0] == box and first["boxes"][1]["label"] == "a/b: “dog”\n"


def test_the_picture_is_drawn_at_its_full_size_with_lines_on_the_edges(
    pictures: tuple[PictureRecord, ...], tmp_path: Path
) -> None:
    write_export("drawn", pictures[1:], tmp_path / "out.png")
    image = QImage(str(tmp_path / "out.png"))
    assert (image.width(), image.height()) == (WIDTH, HEIGHT)
    for x, y in ((100, 120), (200, 120), (150, 180)):
        assert image.pixelColor(x, y).blue() > 150, (x, y)
    assert image.pixelColor(300, 200) == QColor("#808080"), "the rest is as it was"
    assert image.pixelColor(101, 50).name().upper() == BLUE, "the label stands above"
    write_export("drawn", pictures[1:], tmp_path / "out.jpg")
    assert (tmp_path / "out.jpg").read_bytes()[:2] == b"\xff\xd8"
    write_export("drawn", pictures, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert sorted(archive.namelist()) == ["doc page 2.png", "shot.png"]


@pytest.mark.parametrize("kind", ["yolo", "crops", "drawn"])
def test_a_name_without_an_extension_is_a_folder_of_the_same_files(
    pictures: tuple[PictureRecord, ...], tmp_path: Path, kind: Kind
) -> None:
    for name in ("out.zip", "out 2.1 crops"):
        write_export(kind, pictures, tmp_path / name)
    folder = tmp_path / "out 2.1 crops"
    there = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert there == {name: archive.read(name) for name in archive.namelist()} and len(there) > 1
    with pytest.raises(OSError, match="not empty"):
        write_export(kind, pictures, folder)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out 2.1 crops", "out.zip", "shot.png"]


def test_crops_are_what_is_in_the_boxes(pictures: tuple[PictureRecord, ...], tmp_path: Path) -> None:
    write_export("crops", pictures[:1], tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == ["001 cat.png", "002 a b “dog”.png"]
        image = QImage.fromData(archive.read("001 cat.png"))
    assert (image.width(), image.height()) == (100, 120)
    corners = ((0, 0), (99, 0), (0, 119), (99, 119))
    assert {image.pixelColor(x, y).name() for x, y in corners} == {"#ff0000"}


def test_a_box_of_a_point_is_a_pixel_and_nothing_reaches_outside(
    pictures: tuple[PictureRecord, ...], tmp_path: Path
) -> None:
    box = BoxRecord("", (1000.0, 1000.0, 1000.0, 1000.0), RED)
    point = PictureRecord("p", "p.png", WIDTH, HEIGHT, (box,), path=pictures[0].path)
    write_export("crops", (point,), tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        image = QImage.fromData(archive.read("001 object.png"))
    assert (image.width(), image.height()) == (1, 1)
    assert pixels((1000.0, 1000.0, 1000.0, 1000.0), WIDTH, HEIGHT) == (400, 300, 0, 0)


def test_what_cannot_be_written_leaves_nothing_and_what_was_there_stays(
    pictures: tuple[PictureRecord, ...], tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_export("coco", pictures, tmp_path / "nowhere" / "out.json")
    (tmp_path / "out.zip").write_text("mine")
    lost = PictureRecord("p", "p.png", 1, 1, pictures[0].boxes, path=str(tmp_path / "gone.png"))
    with pytest.raises(OSError, match="not found"):
        write_export("crops", (lost,), tmp_path / "out.zip")
    assert (tmp_path / "out.zip").read_text() == "mine"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.zip", "shot.png"]


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with contextlib.suppress(RuntimeError), whole_file(tmp_path / "a") as file:
        file.write_text("half")
        raise RuntimeError
    assert (tmp_path / "a").read_text() == "before"
    with whole_file(tmp_path / "link") as file:
        file.write_text("after")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "a").read_text() == "after"


def test_names_that_are_taken_get_a_number(tmp_path: Path) -> None:
    wanted = tmp_path / "a 1 boxes.json"
    for name in ("a 1 boxes.json", "a 1 boxes 2.json", "a 1 boxes 3.json"):
        assert unused_path(wanted).name == name
        unused_path(wanted).touch()
    assert safe_name("a/b:c?.") == "a b c" and safe_name("...") == "picture"


def test_endings() -> None:
    assert [ending(kind, 1) for kind in ("coco", "json", "yolo", "crops", "drawn")] == [
        ".json", ".json", ".zip", ".zip", ".png",
    ]  # fmt: skip
    assert ending("drawn", 2) == ".zip"
