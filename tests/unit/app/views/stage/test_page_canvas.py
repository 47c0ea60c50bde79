"""Swipe, blink, difference, page alone; pointing at elements and selecting them; growing while it is written."""

from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.state.page import PageVersion, VersionStatus
from app.views.stage.blink import PERIOD_MS
from app.views.theme import Theme
from tests.unit.app.views.stage.pages import (
    BUTTON,
    CARD,
    DIFFERENCE,
    ELEMENTS,
    OTHER_PAGE,
    PAGE,
    SCREENSHOT,
    PageScene,
    page_scene,
    plain,
    ready,
)
from tests.unit.app.views.stage.pointing import point, wheel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scene(qtbot: QtBot, shown: Theme, tmp_path: Path) -> PageScene:
    """A screenshot and one version, decoded."""
    return settled(qtbot, page_scene(tmp_path))


def settled(qtbot: QtBot, scene: PageScene, fidelity: float | None = 0.9) -> PageScene:
    qtbot.addWidget(scene.view)
    scene.view.resize(640, 760)
    scene.view.show()
    scene.add("first", fidelity=fidelity)
    pictures = scene.page.canvas.pictures
    qtbot.waitUntil(lambda: not pictures.screenshot.is_empty and not pictures.page.is_empty)
    if fidelity is not None:
        qtbot.waitUntil(lambda: not pictures.difference.is_empty)
    return scene


def test_swipe_shows_the_screenshot_left_of_the_line_and_the_page_right_of_it(scene: PageScene) -> None:
    assert [scene.at(0.2, 0.9), scene.at(0.8, 0.9)] == [SCREENSHOT, PAGE]


def test_both_have_the_same_size_and_are_as_wide_as_the_view_allows(scene: PageScene) -> None:
    canvas = scene.page.canvas
    assert canvas.pictures.page_area() == canvas.pictures.screenshot_area()
    assert canvas.seen().width() == 400  # a small page is not enlarged


def test_dragging_the_line_uncovers_what_is_under_it_and_selects_nothing(scene: PageScene, qtbot: QtBot) -> None:
    canvas = scene.page.canvas
    start = QPoint(round(canvas.line()), round(canvas.seen().top()) + 20)
    qtbot.mousePress(canvas, LEFT, pos=start)
    for x in (60, 120, 150):
        point(canvas, start + QPoint(x, 0), LEFT)
    qtbot.mouseRelease(canvas, LEFT, pos=start + QPoint(150, 0))
    assert canvas.line() == pytest.approx(start.x() + 150, abs=1)
    assert [scene.at(0.8, 0.9), scene.at(0.95, 0.9)] == [SCREENSHOT, PAGE]
    assert scene.actions.calls == []


def test_the_line_can_be_taken_by_its_handle_and_goes_no_further_than_the_page(scene: PageScene, qtbot: QtBot) -> None:
    canvas = scene.page.canvas
    middle = QPoint(round(canvas.line()) + 14, round(canvas.seen().center().y()))
    qtbot.mousePress(canvas, LEFT, pos=middle)
    point(canvas, QPoint(5000, 0), LEFT)
    assert canvas.split == 1.0
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(5000, 0))
    assert scene.at(0.97, 0.2) == SCREENSHOT


def test_arrow_keys_move_the_line(scene: PageScene, qtbot: QtBot) -> None:
    canvas = scene.page.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    small = canvas.split - 0.5
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.split == pytest.approx(0.5) and 0 < small < 0.05
    qtbot.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.split == pytest.approx(0.4)
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert scene.at(0.06, 0.9) == PAGE
    assert canvas.accessibleDescription() == "Line at 0 per cent"


def test_blink_shows_both_in_turn_about_once_a_second(qtbot: QtBot, shown: Theme, tmp_path: Path) -> None:
    scene = settled(qtbot, page_scene(tmp_path, animated=True))
    scene.project.mode = "blink"
    blink = scene.page.canvas.blink
    seen = []
    for _ in range(2):
        with qtbot.waitSignal(blink.flipped, timeout=PERIOD_MS):
            pass
        seen.append(scene.at(0.5, 0.5).name())
    assert sorted(seen) == sorted([SCREENSHOT.name(), PAGE.name()])
    qtbot.keyClick(scene.page.canvas, Qt.Key.Key_Space)
    assert not blink.is_moving
    scene.project.mode = "swipe"
    scene.project.mode = "blink"
    assert blink.is_moving
    scene.stage.tab = "picture"
    assert not blink.is_moving


def test_a_still_blink_is_flipped_by_a_key_or_a_click(scene: PageScene, qtbot: QtBot) -> None:
    scene.project.mode = "blink"
    canvas = scene.page.canvas
    assert not canvas.blink.is_moving
    assert scene.at(0.8, 0.5) == SCREENSHOT
    qtbot.keyClick(canvas, Qt.Key.Key_Space)
    assert scene.at(0.2, 0.9) == PAGE
    qtbot.mouseClick(canvas, LEFT, pos=scene.point(390, 290).toPoint())
    assert scene.at(0.2, 0.9) == SCREENSHOT


def test_difference_shows_the_engines_picture_and_outlines_the_region_pointed_at(scene: PageScene) -> None:
    scene.project.mode = "difference"
    canvas = scene.page.canvas
    edge = scene.point(240 - 1, 150)  # of the strongest region: a line with a halo
    assert scene.at(0.5, 0.95) == DIFFERENCE
    assert scene.grab().pixelColor(edge.toPoint()) == DIFFERENCE
    point(canvas, scene.point(300, 150).toPoint())
    assert canvas.region == 0
    assert scene.grab().pixelColor(edge.toPoint()) != DIFFERENCE
    point(canvas, scene.point(20, 20).toPoint())
    assert canvas.region == 1
    point(canvas, scene.point(200, 250).toPoint())
    assert canvas.region is None


def test_regions_can_be_walked_by_keys(scene: PageScene, qtbot: QtBot) -> None:
    scene.project.mode = "difference"
    walked = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(scene.page.canvas, key)
        walked.append(scene.page.canvas.region)
    assert walked == [0, 1, 0, 1]


def test_the_page_alone_covers_the_screenshot(scene: PageScene) -> None:
    scene.project.mode = "page"
    assert [scene.at(0.05, 0.95), scene.at(0.95, 0.95)] == [PAGE, PAGE]


def test_pointing_finds_the_innermost_element_on_the_pages_side_only(scene: PageScene) -> None:
    canvas = scene.page.canvas
    for at, tag in (
        ((290, 150), "button"),
        ((290, 60), "p"),
        ((290, 200), "div"),
        ((290, 290), None),
        ((60, 60), None),
    ):
        point(canvas, scene.point(*at).toPoint())
        assert (canvas.hovered.tag if canvas.hovered else None) == tag, at
    scene.project.mode = "page"
    point(canvas, scene.point(60, 60).toPoint())
    assert canvas.hovered == CARD


def test_the_element_pointed_at_is_outlined(scene: PageScene) -> None:
    edge = scene.point(290, 120).toPoint()
    assert scene.grab().pixelColor(edge) == PAGE
    point(scene.page.canvas, scene.point(290, 150).toPoint())
    assert scene.grab().pixelColor(edge) != PAGE


def test_a_click_selects_the_element_and_escape_leaves(scene: PageScene, qtbot: QtBot) -> None:
    canvas = scene.page.canvas
    qtbot.mouseClick(canvas, LEFT, pos=scene.point(290, 150).toPoint())
    assert scene.project.subject == BUTTON
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert scene.project.subject is None
    assert scene.actions.calls == [("select", "button"), ("select", None)]


def test_a_second_click_or_one_beside_lets_go_and_one_into_nothing_does_nothing(scene: PageScene, qtbot: QtBot) -> None:
    canvas = scene.page.canvas
    nowhere, button = scene.point(290, 290).toPoint(), scene.point(290, 150).toPoint()
    qtbot.mouseClick(canvas, LEFT, pos=nowhere)
    assert scene.actions.calls == []
    for second in (button, nowhere):
        qtbot.mouseClick(canvas, LEFT, pos=button)
        qtbot.mouseClick(canvas, LEFT, pos=second)
        assert scene.project.subject is None


def test_elements_can_be_walked_by_keys_without_the_whole_page(scene: PageScene, qtbot: QtBot) -> None:
    walked = []
    for key in (Qt.Key.Key_Down,) * 5 + (Qt.Key.Key_Up,):
        qtbot.keyClick(scene.page.canvas, key)
        walked.append(scene.project.subject.tag if scene.project.subject else "")
    assert walked == ["div", "p", "button", "footer", "div", "footer"]


def test_while_it_is_written_the_page_grows_and_nothing_jumps(scene: PageScene, qtbot: QtBot) -> None:
    version = PageVersion("fix 1", scene.project.current)
    scene.project.add(version)
    canvas = scene.page.canvas
    assert scene.at(0.2, 0.9) == SCREENSHOT  # still there
    assert scene.at(0.9, 0.9) not in (PAGE, SCREENSHOT)
    top = canvas.viewport.placement.y
    for height, colour in ((300, OTHER_PAGE), (900, PAGE), (1500, OTHER_PAGE)):
        version.rendering = scene.rendering(colour, height)
        qtbot.waitUntil(lambda colour=colour: scene.at(0.9, 0.3) == colour)
        assert canvas.viewport.placement.y == top
    assert canvas.viewport.picture.height() == 1500


def test_a_page_that_is_drawn_again_is_never_missing_in_between(scene: PageScene, qtbot: QtBot) -> None:
    version = scene.project.current
    assert version is not None
    version.rendering = scene.rendering(OTHER_PAGE)
    colours = []
    while not colours or colours[-1] == PAGE:
        colours.append(scene.at(0.9, 0.9))
        qtbot.wait(1)
    assert set(map(QColor.name, colours)) == {PAGE.name(), OTHER_PAGE.name()}


def test_renderings_that_come_faster_than_they_are_decoded_end_with_the_newest(scene: PageScene, qtbot: QtBot) -> None:
    version = scene.project.current
    assert version is not None
    for colour in (DIFFERENCE, PAGE, OTHER_PAGE):
        version.rendering = scene.rendering(colour)
    qtbot.waitUntil(lambda: scene.at(0.9, 0.9) == OTHER_PAGE)
    qtbot.wait(50)
    assert scene.at(0.9, 0.9) == OTHER_PAGE


def test_a_picture_file_that_has_gone_leaves_what_was_shown(scene: PageScene, qtbot: QtBot) -> None:
    version = scene.project.current
    assert version is not None and version.rendering is not None
    gone = scene.rendering(OTHER_PAGE, 310)
    Path(gone.picture).unlink()
    version.rendering = gone
    qtbot.wait(100)
    assert scene.at(0.9, 0.9) == PAGE


def test_another_versions_picture_does_not_stand_in_for_one_that_has_gone(scene: PageScene, qtbot: QtBot) -> None:
    version = ready("edit 1")
    version.rendering = scene.rendering(OTHER_PAGE, 310)
    Path(version.rendering.picture).unlink()
    scene.project.add(version)
    qtbot.waitUntil(lambda: scene.page.canvas.pictures.page.is_empty)
    assert scene.at(0.9, 0.9) not in (PAGE, OTHER_PAGE)


def test_a_long_page_begins_at_its_top_and_is_moved_by_the_wheel(qtbot: QtBot, shown: Theme, tmp_path: Path) -> None:
    scene = settled(qtbot, page_scene(tmp_path, height=12000))
    canvas = scene.page.canvas
    left = lambda: scene.grab().pixelColor(round(canvas.seen().left()) + 20, round(canvas.seen().top()) + 50)  # noqa: E731
    assert left() == SCREENSHOT
    wheel(canvas, canvas.seen().center(), -400)
    assert left() == PAGE  # the stripe has gone up
    for _ in range(40):
        wheel(canvas, canvas.seen().center(), -4000)
    assert scene.point(0, 12000).y() == pytest.approx(canvas.room().bottom())


def test_enlarging_is_kept_while_the_page_is_written(scene: PageScene) -> None:
    canvas = scene.page.canvas
    scene.stage.zoom("in")
    before = canvas.viewport.placement
    assert before.scale > 1
    assert scene.project.current is not None
    scene.project.current.rendering = scene.rendering(OTHER_PAGE, 320)
    assert canvas.viewport.placement == before


def test_a_phones_width_shows_the_preview_alone_and_nothing_to_compare(scene: PageScene, qtbot: QtBot) -> None:
    canvas = scene.page.canvas
    scene.project.width = "phone"
    assert canvas.mode == "page"
    rendering = scene.rendering(OTHER_PAGE)
    scene.project.preview = type(rendering)(plain(scene.folder / "phone.png", OTHER_PAGE, 200, 500), 200, 500, ELEMENTS)
    qtbot.waitUntil(lambda: canvas.seen().width() == 200)
    qtbot.waitUntil(lambda: scene.grab().pixelColor(canvas.seen().center().toPoint()) == OTHER_PAGE)
    scene.project.width = "screenshot"
    qtbot.waitUntil(lambda: scene.at(0.2, 0.9) == SCREENSHOT)


@pytest.mark.parametrize("mode", ["swipe", "blink", "difference", "page"])
@pytest.mark.parametrize("status", list(VersionStatus))
def test_every_mode_has_something_to_show_while_nothing_has_been_rendered(
    scene: PageScene, mode: Any, status: VersionStatus
) -> None:
    version = ready("empty", "")
    version.status = status
    scene.project.add(version)
    scene.project.mode = mode
    scene.page.canvas.blink.shows_page = True
    assert ink(scene.grab(), scene.page.canvas) > 50
    assert scene.at(0.9, 0.95) not in (PAGE, DIFFERENCE)


def ink(image: QImage, canvas: Any) -> int:
    """Pixels of the page's side that are neither ground nor screenshot: a glyph and words."""
    area = canvas.seen().toRect()
    ground = image.pixelColor(area.right() - 5, area.bottom() - 5)
    right = range(area.center().x() + 30, area.right() - 10)
    rows = range(area.top() + 5, area.bottom() - 5)
    return sum(image.pixelColor(x, y) != ground for x in right for y in rows)


def test_without_a_page_the_canvas_is_empty_and_hears_nothing(scene: PageScene, qtbot: QtBot) -> None:
    project, canvas = scene.project, scene.page.canvas
    scene.stage.page = None
    assert not canvas.has_picture
    assert project.current is not None
    project.mode = "blink"
    project.current.rendering = scene.rendering(OTHER_PAGE)
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(100, 100))
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert scene.actions.calls == [] and not canvas.grab().isNull()


def test_painting_is_short(scene: PageScene) -> None:
    canvas: QWidget = scene.page.canvas
    times = []
    for step in range(20):
        started = perf_counter()
        scene.page.canvas.move_line(step / 20)
        canvas.grab()
        times.append(perf_counter() - started)
    assert sorted(times)[10] < 0.016


def test_the_line_stays_within_reach_when_the_page_is_enlarged(scene: PageScene) -> None:
    for _ in range(8):
        scene.stage.zoom("in")
    canvas = scene.page.canvas
    assert canvas.rect().contains(QPointF(canvas.line(), canvas.seen().center().y()).toPoint())
