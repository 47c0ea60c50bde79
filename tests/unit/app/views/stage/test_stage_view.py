"""Pointing, clicking, keys, wheel; picture and list follow each other; nothing stays behind."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.state.attachments import Attachment
from app.state.stage import Stage
from app.state.turn import Turn, TurnStatus
from app.views.icon_button import IconButton
from app.views.stage.stage_view import StageView
from app.views.theme import Theme
from tests.unit.app.views.stage.pointing import point, wheel

MakeScene = Callable[..., Any]
LARGE, SMALL, APART = (200, 200, 700, 600), (300, 300, 450, 420), (100, 750, 300, 900)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scene(make_scene: MakeScene) -> Any:
    """A small box inside a large one, and one apart."""
    result = make_scene()
    for box, label in ((LARGE, "large"), (SMALL, "small"), (APART, "apart")):
        result.turn.add_box(box, label, 0)
    result.grab()
    return result


def test_pointing_at_the_picture_lights_up_the_row(scene: Any) -> None:
    before = scene.view.rows.grab().toImage()
    point(scene.view.canvas, scene.middle(2).toPoint())
    assert scene.stage.hovered == 2
    assert scene.view.rows.grab().toImage() != before


def test_pointing_at_a_row_lights_up_the_box(scene: Any) -> None:
    inside = scene.middle(2).toPoint()
    before = scene.grab().pixelColor(inside)
    point(scene.view.rows, scene.view.rows.row_rect(2).center().toPoint())
    assert scene.stage.hovered == 2
    assert scene.grab().pixelColor(inside) != before


def test_leaving_either_lets_the_box_be(scene: Any) -> None:
    for widget in (scene.view.canvas, scene.view.rows):
        scene.stage.hovered = 1
        QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
        assert scene.stage.hovered is None


def test_of_boxes_over_each_other_the_smaller_is_met_first(scene: Any) -> None:
    point(scene.view.canvas, scene.middle(1).toPoint())
    assert scene.stage.hovered == 1


def test_a_click_selects_and_a_click_beside_selects_none(scene: Any, qtbot: QtBot) -> None:
    qtbot.mouseClick(scene.view.canvas, LEFT, pos=scene.middle(2).toPoint())
    assert scene.stage.selected == 2
    corner = scene.edges((0, 0, 1000, 1000)).bottomRight().toPoint() - QPoint(5, 5)
    qtbot.mouseClick(scene.view.canvas, LEFT, pos=corner)
    assert scene.stage.selected is None


def test_down_and_up_walk_through_the_boxes_that_lie_over_each_other(scene: Any, qtbot: QtBot) -> None:
    qtbot.mouseClick(scene.view.canvas, LEFT, pos=scene.middle(1).toPoint())
    walked = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(scene.view.canvas, key)
        walked.append(scene.stage.selected)
    assert walked == [0, 1, 0]


def test_down_walks_through_all_boxes_where_none_overlap(scene: Any, qtbot: QtBot) -> None:
    walked = []
    for _ in range(4):
        qtbot.keyClick(scene.view.canvas, Qt.Key.Key_Down)
        walked.append(scene.stage.selected)
    assert walked == [0, 1, 2, 0]


def test_space_switches_the_selected_box_off_and_on(scene: Any, qtbot: QtBot) -> None:
    for widget in (scene.view.canvas, scene.view.rows):
        scene.stage.selected = 1
        qtbot.keyClick(widget, Qt.Key.Key_Space)
        assert scene.stage.hidden == {1}
        qtbot.keyClick(widget, Qt.Key.Key_Space)
        assert scene.stage.hidden == set()


def test_the_tick_of_a_row_hides_its_box_and_the_rest_of_the_row_selects_it(scene: Any, qtbot: QtBot) -> None:
    row = scene.view.rows.row_rect(1)
    qtbot.mouseClick(scene.view.rows, LEFT, pos=QPoint(16, round(row.center().y())))
    assert (scene.stage.hidden, scene.stage.selected) == ({1}, None)
    qtbot.mouseClick(scene.view.rows, LEFT, pos=row.center().toPoint())
    assert (scene.stage.hidden, scene.stage.selected) == ({1}, 1)


def test_a_hidden_box_cannot_be_met(scene: Any) -> None:
    scene.stage.toggle_hidden(1)
    point(scene.view.canvas, scene.middle(1).toPoint())
    assert scene.stage.hovered == 0


def test_the_list_can_be_walked_by_keys_and_ends_at_its_ends(scene: Any, qtbot: QtBot) -> None:
    walked = []
    for key in (Qt.Key.Key_Down,) * 4 + (Qt.Key.Key_Up,) * 3:
        qtbot.keyClick(scene.view.rows, key)
        walked.append(scene.stage.selected)
    assert walked == [0, 1, 2, 2, 1, 0, 0]


def test_the_wheel_with_the_command_key_enlarges_around_the_pointer_and_alone_moves(scene: Any) -> None:
    viewport = scene.view.canvas.viewport
    at = scene.middle(1)
    below = viewport.placement.on_picture(at)
    wheel(scene.view.canvas, at, 480, Qt.KeyboardModifier.ControlModifier)
    after = viewport.placement.on_picture(at)
    assert not viewport.is_fitted
    assert (after.x(), after.y()) == (pytest.approx(below.x()), pytest.approx(below.y()))
    y = viewport.placement.y
    wheel(scene.view.canvas, at, -60)
    assert viewport.placement.y == y - 30
    wheel(scene.view.canvas, at, -9600, Qt.KeyboardModifier.ControlModifier)
    assert viewport.is_fitted


def test_dragging_moves_an_enlarged_picture_and_selects_nothing(scene: Any, qtbot: QtBot) -> None:
    scene.stage.zoom("in")
    scene.stage.zoom("in")
    canvas = scene.view.canvas
    x = canvas.viewport.placement.x
    start = scene.middle(1).toPoint()
    qtbot.mousePress(canvas, LEFT, pos=start)
    for step in (10, 20, 30):
        point(canvas, start + QPoint(step, 0), LEFT)
    qtbot.mouseRelease(canvas, LEFT, pos=start + QPoint(30, 0))
    assert canvas.viewport.placement.x > x
    assert scene.stage.selected is None


def test_the_menu_enlarges_and_a_selected_box_is_brought_into_view(scene: Any) -> None:
    for _ in range(6):
        scene.stage.zoom("in")
    scene.stage.selected = 2
    assert scene.view.canvas.rect().contains(scene.edges(APART).toRect().center())


def test_the_picture_stands_still_while_boxes_come(make_scene: MakeScene) -> None:
    scene = make_scene()
    before = scene.view.canvas.geometry()
    for number in range(12):
        scene.turn.add_box((number * 50, 100, number * 50 + 40, 200), "thing", 0)
        QApplication.processEvents()
        assert scene.view.canvas.geometry() == before


def test_without_boxes_the_stage_says_so_when_the_answer_is_over(make_scene: MakeScene) -> None:
    scene = make_scene()
    said = lambda: {label.text() for label in scene.view.findChildren(QLabel) if label.isVisible()}  # noqa: E731
    assert "Boxes appear here as they are found" in said()
    scene.turn.finish(TurnStatus.DONE)
    assert "No boxes on this picture" in said()


def test_of_several_pictures_each_has_its_own_boxes(make_scene: MakeScene, qtbot: QtBot) -> None:
    scene = make_scene(pictures=2)
    scene.turn.add_box(LARGE, "first", 0)
    scene.turn.add_box(APART, "second", 1)
    later = next(b for b in scene.view.findChildren(IconButton) if b.accessibleName() == "Show the next picture")
    qtbot.mouseClick(later, LEFT)
    qtbot.waitUntil(lambda: scene.view.canvas.viewport.picture.width() == 901)
    assert [found.label for found in scene.stage.boxes()] == ["second"]
    assert not later.isEnabled()


def test_a_file_that_cannot_be_shown_is_said_on_the_canvas(qtbot: QtBot, shown: Theme) -> None:
    picture = Attachment("gone.png")
    turn, stage = Turn("Detect all.", (picture,)), Stage()
    stage.show(turn)
    view = StageView(stage, animated=False)
    qtbot.addWidget(view)
    view.show()
    waiting = view.canvas.grab().toImage()
    picture.display = "gone.png"
    qtbot.waitUntil(lambda: view.canvas.grab().toImage() != waiting)
    assert not view.canvas.has_picture


def test_a_closed_stage_leaves_nothing_behind(make_scene: MakeScene, qtbot: QtBot) -> None:
    scene = make_scene()
    scene.turn.add_box(LARGE, "large", 0)
    stage, turn = scene.stage, scene.turn
    gone = [weakref.ref(part) for part in (scene.view, scene.view.canvas, scene.view.rows, scene.view.canvas.layer)]
    scene.view.close()
    scene.view.deleteLater()
    del scene.view, scene
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [part() for part in gone] == [None] * 4
    turn.add_box(SMALL, "small", 0)  # nothing of the view is left to hear it
    stage.selected = 1


def test_the_keyboard_is_seen_where_it_is(scene: Any, qtbot: QtBot) -> None:
    scene.view.activateWindow()
    for widget in (scene.view.canvas, scene.view.rows):
        scene.view.setFocus()
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(widget.hasFocus)
        assert widget.grab().toImage() != before


def test_what_is_selected_can_be_heard(scene: Any) -> None:
    scene.stage.selected = 1
    assert scene.view.rows.accessibleDescription() == "small, 2 of 3, shown"
    scene.stage.toggle_hidden(1)
    assert scene.view.rows.accessibleDescription() == "small, 2 of 3, hidden"


def test_letters_of_other_scripts_are_left_to_others(scene: Any) -> None:
    for text in "жあä":
        event = QKeyEvent(QEvent.Type.KeyPress, ord(text), Qt.KeyboardModifier.NoModifier, text)
        event.ignore()
        QApplication.sendEvent(scene.view.canvas, event)
        assert not event.isAccepted()


def test_an_answer_given_again_shows_all_its_boxes(scene: Any) -> None:
    scene.stage.toggle_all_hidden()
    scene.stage.selected = 1
    scene.turn.restart()
    scene.turn.add_box(LARGE, "large", 0)
    assert (scene.stage.hidden, scene.stage.selected) == (frozenset(), None)


def test_until_a_frame_has_been_made_its_small_picture_is_shown_large(
    make_scene: MakeScene, tmp_path: Path, qtbot: QtBot
) -> None:
    scene = make_scene(900, 500)
    clip = scene.turn.attachments[0]
    clip.kind, clip.moments = "clip", (0.0, 1.0)
    frame = scene.stage.sheets.get(clip, 1)
    small = QImage(90, 50, QImage.Format.Format_RGB32)
    small.fill(QColor("#336699"))
    small.save(str(tmp_path / "small.png"))
    frame.thumbnail = str(tmp_path / "small.png")
    place = scene.view.canvas.viewport.placement
    scene.stage.show(scene.turn, 0, 1)
    assert scene.view.canvas.has_picture, "what was shown stays meanwhile"
    qtbot.waitUntil(lambda: scene.grab().pixelColor(scene.view.canvas.rect().center()).name() == "#336699")
    assert scene.view.canvas.viewport.placement == place, "as large as the frame will be"
    frame.display = clip.display
    qtbot.waitUntil(lambda: scene.grab().pixelColor(scene.view.canvas.rect().center()).name() == "#808080")
