"""Boxes by hand: the list, the legend, a part that is drawn and asked about, pages, frames, and a file of them."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from tests.e2e.display import Display
from tests.e2e.drag import drop
from tests.e2e.films import write_stills
from tests.e2e.pixels import Place, boxes_seen, difference, find_picture
from tests.e2e.shapes import SHAPES, draw_six_shapes
from tests.e2e.window import Scheme, Window, wait_until

QUESTION = "Detect all objects."
SETTLED = 0.4
KEPT = 1.0
ORIENTATION = 0x0112


class Hands:
    """A pointer over the picture that the window shows."""

    def __init__(self, display: Display, window: Window) -> None:
        self.display, self.window = display, window
        self._place: Place | None = None

    def look(self) -> Place:
        """Where the picture is, seen before anything covers it."""
        wait_until(lambda: find_picture(self.window.grab().picture), 10, "the picture is shown")
        self._place = find_picture(self.window.grab().picture)
        assert self._place is not None
        return self._place

    def at(self, x: float, y: float) -> tuple[int, int]:
        """A point of the picture, on the screen."""
        place = self._place or self.look()
        left, top, _, _ = self.window.box
        return left + place.left + round(x * place.scale), top + place.top + round(y * place.scale)

    def click(self, x: float, y: float) -> None:
        self.display.do("mousemove", "--sync", *self.at(x, y), "click", 1)
        time.sleep(0.2)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.display.do("mousemove", "--sync", *self.at(*start), "mousedown", 1)
        x1, y1, x2, y2 = *self.at(*start), *self.at(*end)
        for step in range(1, 9):
            self.display.do("mousemove", x1 + (x2 - x1) * step // 8, y1 + (y2 - y1) * step // 8)
            time.sleep(0.02)
        self.display.do("mouseup", 1)
        time.sleep(0.3)


def ask_about(display: Display, window: Window, file: Path, question: str = QUESTION) -> None:
    """Drops a file, asks, and waits until all is painted."""
    assert drop(display, [file], *window.middle) == "CopyAction"
    window.wait_for("ready", 15)
    asked = window.ask(question)
    window.wait_for("TurnFinished", 40, since=asked)
    time.sleep(SETTLED)


def picture_of(window: Window, pictures: Path, name: str) -> Image.Image:
    """Saves what the window shows."""
    grab = window.grab().picture
    grab.save(pictures / f"boxes-{name}.png", optimize=True)
    return grab


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    return request.param


@pytest.mark.full
def test_a_part_that_is_drawn_is_asked_about_and_kept(
    display: Display, tmp_path: Path, six_shapes: Path, pictures: Path, scheme: Scheme
) -> None:
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("ModelReady", 20)
        ask_about(display, window, six_shapes)
        hands = Hands(display, window)
        hands.look()
        hands.click(95, 95)
        picture_of(window, pictures, f"list-{scheme}")
        window.press("ctrl+shift+d")
        time.sleep(0.2)
        hands.drag((210, 20), (590, 190))
        hands.drag((590, 190), (580, 180))
        window.type(QUESTION)
        drawn = picture_of(window, pictures, f"drawn-{scheme}")
        asked = window.press("Return")
        window.wait_for("TurnFinished", 30, since=asked)
        time.sleep(SETTLED)
        answered = picture_of(window, pictures, f"part-{scheme}")
        assert difference(drawn, answered) > 0.02
        found = labels_seen(answered)
        assert found and found <= {"blue square", "green triangle"}
        asked = window.press("ctrl+r")
        window.wait_for("TurnFinished", 30, since=asked)
        time.sleep(KEPT)
        window.process.kill()
        window.process.wait(10)
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("MediaProbed", 20, since=window.started)
        wait_until(lambda: labels_seen(window.grab().picture) == found, 10, "the boxes are there again")
        wait_until(lambda: len(window.happened("MediaProbed", since=window.started)) >= 2, 10, "the part is looked at")
        time.sleep(SETTLED)
        picture_of(window, pictures, f"part-kept-{scheme}")


@pytest.mark.full
def test_escape_draws_nothing_and_keys_alone_will_do(
    display: Display, window: Window, six_shapes: Path, pictures: Path
) -> None:
    ask_about(display, window, six_shapes)
    before = window.grab().picture
    window.press("ctrl+shift+d")
    time.sleep(0.3)
    window.press("Down", "Left", "shift+Right")
    time.sleep(0.3)
    assert difference(before, window.grab().picture) > 0.05
    window.press("Escape")
    time.sleep(0.3)
    assert difference(before, window.grab().picture) < 0.01
    window.press("ctrl+shift+d", "Down", "Return")
    time.sleep(0.3)
    asked = window.ask(QUESTION)
    window.wait_for("TurnFinished", 30, since=asked)


@pytest.mark.full
def test_labels_are_filtered_and_boxes_exported_for_a_picture_on_its_side(
    display: Display, window: Window, tmp_path: Path, six_shapes: Path, pictures: Path
) -> None:
    with Image.open(six_shapes) as upright:
        exif = Image.Exif()
        exif[ORIENTATION] = 6  # stored on its side, to be turned right by who reads it
        upright.rotate(90, expand=True).save(tmp_path / "turned.jpg", exif=exif, quality=95, subsampling=0)
    ask_about(display, window, tmp_path / "turned.jpg")
    left, top, right, _ = window.box
    display.do("mousemove", "--sync", right - 142, top + 87, "click", 1)  # the export button
    time.sleep(0.4)
    picture_of(window, pictures, "menu")
    window.press("Escape")
    display.do("mousemove", "--sync", right - 300, top + 500, "click", 1)  # the filter
    display.do("mousemove", "--sync", right - 80, top + 500, "click", 1)
    window.type("re")
    time.sleep(0.3)
    assert labels_seen(picture_of(window, pictures, "filtered")) == {"red circle", "blue square", "green triangle"}
    window.press("Escape")
    export(display, window, 3, tmp_path / "out" / "coco.json")
    values = json.loads((tmp_path / "out" / "coco.json").read_text())
    assert [(image["width"], image["height"]) for image in values["images"]] == [(600, 400)]
    names = {category["id"]: category["name"] for category in values["categories"]}
    truth = {shape.label: shape.box for shape in SHAPES}
    assert len(values["annotations"]) == len(SHAPES)
    for note in values["annotations"]:
        left, top, width, height = note["bbox"]
        assert (left, top, left + width, top + height) == pytest.approx(truth[names[note["category_id"]]], abs=14)
    export(display, window, 1, tmp_path / "out" / "drawn.png")
    with Image.open(tmp_path / "out" / "drawn.png") as drawn:
        assert drawn.size == (600, 400)
        drawn.save(pictures / "boxes-exported.png")
    export(display, window, 2, tmp_path / "out" / "crops.zip")
    with zipfile.ZipFile(tmp_path / "out" / "crops.zip") as archive:
        crops = {name[4:-4]: Image.open(archive.open(name)).convert("RGB") for name in archive.namelist()}
    assert set(crops) == set(truth)
    blue = crops["blue square"]
    red, _, most = ImageStat.Stat(blue.reduce(8)).median
    assert most > 180 and red < 80
    export(display, window, 1, tmp_path / "nowhere" / "drawn.png", made=False)
    wait_until(lambda: any("cannot be exported" in said for said in window.sentences()), 5, "the failure is said")


def export(display: Display, window: Window, number: int, target: Path, *, made: bool = True) -> None:
    """Has the boxes written by the keys of the menu, into a file whose name is typed into the system's own panel."""
    if made:
        target.parent.mkdir(exist_ok=True)
    window.press(f"ctrl+alt+{number}")
    time.sleep(0.8)
    window.press("ctrl+a")
    window.type(str(target))
    window.press("Return")
    if made:
        wait_until(target.exists, 10, f"{target.name} is written")
        time.sleep(0.3)


def labels_seen(grab: Image.Image) -> set[str]:
    """Of the shapes with a box around them."""
    return {shape.label for shape in boxes_seen(grab)}


@pytest.mark.full
def test_pages_are_leafed_through(display: Display, tmp_path: Path, pictures: Path, scheme: Scheme) -> None:
    first, second = (Image.open(draw_six_shapes(tmp_path / f"{name}.png")) for name in "ab")
    first.paste((236, 232, 222), (0, 0, 600, 200))
    first.save(tmp_path / "two pages.pdf", save_all=True, append_images=[second])
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("ModelReady", 20)
        ask_about(display, window, tmp_path / "two pages.pdf")
        picture_of(window, pictures, f"page-1-{scheme}")
        window.press("ctrl+alt+Right")
        time.sleep(1.0)
        picture_of(window, pictures, f"page-2-{scheme}")


@pytest.mark.full
def test_frames_are_leafed_through(display: Display, tmp_path: Path, pictures: Path, scheme: Scheme) -> None:
    clip = write_stills(tmp_path / "shapes.mp4", draw_six_shapes(tmp_path / "a.png"))
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("ModelReady", 20)
        ask_about(display, window, clip)
        window.press("ctrl+alt+Right")
        time.sleep(1.0)
        picture_of(window, pictures, f"frame-{scheme}")
