"""Exporting: what is seen goes out, under a name that takes nothing's place; what fails is said."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.actions.box_records import shown_pictures
from app.state.attachments import Attachment
from app.state.turn import Turn
from mlx_gemma4.protocol.cost import page_pixels
from mlx_gemma4.protocol.events import EngineFailed, MediaShown
from mlx_gemma4.protocol.requests import ShowMedia
from tests.unit.app.scripted import Rig


@pytest.fixture
def ready(rig: Rig, picture: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Rig:
    """Two boxes on a picture of 64 × 48 pixels, on the stage."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    rig.actions.engine.start()
    attachment = Attachment(picture)
    attachment.width, attachment.height = 64, 48
    turn = Turn("Where?", (attachment,))
    turn.add_box((0, 0, 500, 500), "cat", 0)
    turn.add_box((500, 500, 1000, 1000), "dog", 0)
    rig.session.stage.show(turn)
    return rig


def exported(rig: Rig, qtbot: QtBot, kind: str, target: Path) -> str:
    """What the notice says at the end."""
    rig.target = str(target)
    rig.session.notices.dismiss("boxes")
    next(action for action in rig.actions.boxes.exports if action.id == f"boxes.export.{kind}").trigger()
    qtbot.waitUntil(lambda: bool(rig.session.notices.items))
    return rig.session.notices.items[-1].text


def test_what_is_hidden_or_filtered_away_stays_at_home(ready: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    ready.session.stage.toggle_hidden(0)
    assert exported(ready, qtbot, "json", tmp_path / "a.json") == "The boxes were exported as “a.json”."
    (values,) = json.loads((tmp_path / "a.json").read_text())["pictures"]
    assert [(box["label"], box["pixels"]) for box in values["boxes"]] == [("dog", [32, 24, 32, 24])]
    ready.session.stage.words = "cat"
    assert not ready.actions.boxes.copy.enabled and not ready.actions.boxes.exports[0].enabled


def test_pictures_come_from_the_engine_at_full_size(ready: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    exported(ready, qtbot, "crops", tmp_path / "a.zip")
    (request,) = [request for request in ready.client.requests if isinstance(request, ShowMedia)]
    assert request.longest is None and request.box is None
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        sizes = [QImage.fromData(archive.read(name)).size().toTuple() for name in archive.namelist()]
    assert sizes == [(32, 24), (32, 24)]


def test_a_name_without_an_ending_gets_one_and_takes_nothing_away(ready: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("mine")
    assert exported(ready, qtbot, "coco", tmp_path / "mine") == "The boxes were exported as “mine 2.json”."
    assert (tmp_path / "mine.json").read_text() == "mine"
    assert json.loads((tmp_path / "mine 2.json").read_text())["annotations"]


def test_several_files_go_into_a_folder_where_the_name_has_no_ending(ready: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert exported(ready, qtbot, "yolo", tmp_path / "mine") == "The boxes were exported as “mine 2”."
    assert (tmp_path / "mine 2" / "classes.txt").read_text() == "cat\ndog\n"
    assert not list((tmp_path / "mine").iterdir())


def test_the_name_that_is_suggested_is_free(ready: Rig, tmp_path: Path) -> None:
    suggested: list[str] = []
    ready.actions.boxes._choose_target = lambda name: suggested.append(name) or ""
    ready.actions.boxes.exports[0].trigger()
    (tmp_path / "blue boxes.png").touch()
    ready.actions.boxes.exports[0].trigger()
    assert [Path(name).name for name in suggested] == ["blue boxes.png", "blue boxes 2.png"]
    assert ready.actions.boxes.exports[0].enabled, "nothing was begun"


@pytest.mark.parametrize("kind", ["drawn", "yolo"])
def test_a_folder_that_takes_nothing_is_said(ready: Rig, qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    ending = ".png" if kind == "drawn" else ".zip"
    text = exported(ready, qtbot, kind, tmp_path / "nowhere" / f"a{ending}")
    assert text == "The boxes cannot be exported: No such file or directory."
    assert ready.actions.boxes.exports[0].enabled


def test_a_picture_that_is_gone_is_said_by_its_name(ready: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    ready.shown = lambda request: EngineFailed("media.missing", f"{request.path} does not exist.", "", True)
    text = exported(ready, qtbot, "drawn", tmp_path / "a.png")
    assert text == "The boxes cannot be exported: “blue.png” does not exist." and not (tmp_path / "a.png").exists()


def test_copying_needs_no_engine(ready: Rig, qtbot: QtBot) -> None:
    ready.actions.boxes.copy.trigger()
    values = json.loads(QGuiApplication.clipboard().text())
    assert [box["label"] for box in values["pictures"][0]["boxes"]] == ["cat", "dog"]


def test_pages_have_names_and_sizes_of_their_own(ready: Rig, qtbot: QtBot, tmp_path: Path, picture: str) -> None:
    document = Attachment(picture, kind="document", name="doc.pdf")
    document.width, document.height, document.pages = 300, 400, 3
    turn = Turn("Where?", (document,))
    turn.add_box((0, 0, 500, 500), "cat", 0, 1)
    turn.add_box((0, 0, 500, 500), "cat", 0, 3)
    turn.add_box((0, 0, 500, 500), "somewhere", 0)
    ready.session.stage.show(turn)
    ready.shown = lambda request: MediaShown(600, 300, picture, picture)
    exported(ready, qtbot, "coco", tmp_path / "a.json")
    values = json.loads((tmp_path / "a.json").read_text())
    assert [image["file_name"] for image in values["images"]] == ["doc page 1.png", "doc page 3.png"]
    sizes = [(image["width"], image["height"]) for image in values["images"]]
    assert sizes == [page_pixels(300, 400), page_pixels(600, 300)]
    assert [note["image_id"] for note in values["annotations"]] == [1, 1, 2]


def test_pictures_of_one_name_are_told_apart(ready: Rig) -> None:
    files = tuple(Attachment(f"/{folder}/a.png") for folder in "xy")
    turn = Turn("Where?", files)
    for index in range(2):
        turn.add_box((0, 0, 1, 1), "cat", index)
    ready.session.stage.show(turn)
    assert [shown.record.name for shown in shown_pictures(ready.session.stage)] == ["a", "a 2"]
