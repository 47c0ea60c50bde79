"""A part is drawn, moved and sized by mouse and keys; a click again cycles; labels are hidden, filtered, recoloured."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.state.attachments import Region
from app.views.stage.legend import COLOUR_NAMES, LegendChip
from app.views.stage.region_bar import RegionBar
from tests.unit.app.scripted import Rig
from tests.unit.app.views.stage.pointing import point

MakeScene = Callable[..., Any]
LARGE, SMALL, APART = (200, 200, 700, 600), (300, 300, 450, 420), (100, 750, 300, 900)
LEFT = Qt.MouseButton.LeftButton
PART = (250.0, 250.0, 750.0, 750.0)


@pytest.fixture
def scene(make_scene: MakeScene) -> Any:
    """A small box inside a large one, and one apart, of two labels."""
    result = make_scene()
    for box, label in ((LARGE, "car"), (SMALL, "wheel"), (APART, "car")):
        result.turn.add_box(box, label, 0)
    result.grab()
    return result


def drag(qtbot: QtBot, canvas: Any, start: QPointF, end: QPointF) -> None:
    qtbot.mousePress(canvas, LEFT, pos=start.toPoint())
    for part in (0.5, 1.0):
        point(canvas, (start + (end - start) * part).toPoint(), LEFT)
    qtbot.mouseRelease(canvas, LEFT, pos=end.toPoint())


def test_a_click_again_goes_to_the_next_box_under_it_and_round(scene: Any, qtbot: QtBot) -> None:
    canvas, at, clicked = scene.view.canvas, scene.middle(1).toPoint(), []
    for _ in range(3):
        qtbot.mouseClick(canvas, LEFT, pos=at)
        clicked.append(scene.stage.selected)
    assert clicked == [1, 0, 1]
    for expected in (2, None):
        qtbot.mouseClick(canvas, LEFT, pos=scene.middle(2).toPoint())
        assert scene.stage.selected == expected


def test_a_part_is_drawn_from_corner_to_corner(scene: Any, qtbot: QtBot) -> None:
    canvas, chosen = scene.view.canvas, []
    canvas.region_chosen.connect(lambda: chosen.append(scene.stage.region))
    scene.stage.is_drawing = True
    area = scene.edges((500, 500, 800, 900))
    drag(qtbot, canvas, area.bottomRight(), area.topLeft())
    assert scene.stage.region == pytest.approx((500, 500, 800, 900), abs=3)
    assert chosen == [scene.stage.region] and scene.stage.selected is None
    assert scene.view.canvas.viewport.is_fitted, "the picture stayed where it was"


def test_handles_size_it_and_its_middle_moves_it(scene: Any, qtbot: QtBot) -> None:
    canvas = scene.view.canvas
    scene.stage.is_drawing, scene.stage.region = True, PART
    part = canvas.region_rect()
    drag(qtbot, canvas, QPointF(part.right(), part.center().y()), QPointF(scene.edges((0, 0, 1, 900)).right(), 5))
    assert scene.stage.region == pytest.approx((250, 250, 750, 900), abs=3)
    middle = canvas.region_rect().center()
    drag(qtbot, canvas, middle, middle - QPointF(canvas.region_rect().width(), 0))
    assert scene.stage.region == pytest.approx((250, 0, 750, 650), abs=3)


def test_pointer_shapes_say_what_would_be_taken(scene: Any) -> None:
    canvas = scene.view.canvas
    scene.stage.is_drawing, scene.stage.region = True, PART
    part = canvas.region_rect()
    shapes = []
    for at in (
        part.topLeft(),
        part.center(),
        QPointF(part.right(), part.center().y()),
        part.topLeft() - QPointF(30, 30),
    ):
        point(canvas, at.toPoint())
        shapes.append(canvas.cursor().shape())
    kinds = Qt.CursorShape
    assert shapes == [kinds.SizeFDiagCursor, kinds.SizeAllCursor, kinds.SizeHorCursor, kinds.CrossCursor]


def test_keys_begin_in_the_middle_move_size_and_cancel(scene: Any, qtbot: QtBot) -> None:
    canvas = scene.view.canvas
    scene.stage.is_drawing = True
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert scene.stage.region == PART
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Left):
        qtbot.keyClick(canvas, key)
    assert scene.stage.region == (260.0, 240.0, 760.0, 740.0)
    qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert scene.stage.region == (260.0, 240.0, 760.0, 750.0)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert scene.stage.region is None and not scene.stage.is_drawing


def test_what_is_not_chosen_is_in_the_shade_and_a_part_that_was_asked_about_is_marked(scene: Any) -> None:
    outside, inside = scene.edges((900, 900, 950, 950)).center().toPoint(), scene.edges(PART).center().toPoint()
    before = scene.grab()
    scene.stage.is_drawing, scene.stage.region = True, PART
    during = scene.grab()
    assert during.pixelColor(outside).lightness() < before.pixelColor(outside).lightness() - 30
    assert during.pixelColor(inside) == before.pixelColor(inside)
    scene.stage.end_drawing()
    assert scene.grab() == before
    scene.turn.attachments[0].region = Region(scene.turn.attachments[0], 0, PART)
    after = scene.grab()
    assert after != before and after.pixelColor(inside) == before.pixelColor(inside)


@pytest.fixture
def bar(scene: Any, rig: Rig) -> Iterator[RegionBar]:
    rig.session.stage = scene.stage
    from app.actions.regions import RegionActions

    actions = RegionActions(rig.session, rig.bridge, rig.actions.engine, rig.actions.conversation)
    yield RegionBar(scene.view.canvas, rig.session, actions)
    actions.close()


def test_the_field_comes_with_the_part_has_the_keyboard_and_asks(
    scene: Any, bar: RegionBar, rig: Rig, qtbot: QtBot
) -> None:
    assert bar.isHidden()
    scene.stage.is_drawing = True
    area = scene.edges((100, 100, 400, 500))
    drag(qtbot, scene.view.canvas, area.topLeft(), area.bottomRight())
    assert bar.isVisible() and bar.y() > scene.view.canvas.region_rect().bottom()
    qtbot.waitUntil(bar.field.hasFocus)
    rig.actions.engine.start()
    qtbot.keyClicks(bar.field, "What?")
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rig.session.conversation.count == 1)
    assert rig.session.conversation.turns[0].question == "What?" and bar.isHidden() and not bar.field.text()


def test_escape_in_the_field_chooses_no_part(scene: Any, bar: RegionBar, qtbot: QtBot) -> None:
    scene.stage.is_drawing = True
    qtbot.keyClick(scene.view.canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(bar.field.hasFocus)
    qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not scene.stage.is_drawing and bar.isHidden()


@pytest.mark.parametrize("part", [(0.0, 0.0, 1000.0, 1000.0), (600.0, 0.0, 1000.0, 300.0), (0.0, 900.0, 100.0, 1000.0)])
def test_the_field_is_always_inside_the_canvas(scene: Any, bar: RegionBar, part: tuple[float, ...]) -> None:
    scene.stage.is_drawing, scene.stage.region = True, part
    assert scene.view.canvas.rect().contains(bar.geometry())


def chips(scene: Any) -> list[LegendChip]:
    QApplication.processEvents()
    return [chip for chip in scene.view.panel.legend.findChildren(LegendChip) if not chip.isHidden()]


def test_the_legend_counts_and_a_click_hides_a_label(scene: Any, qtbot: QtBot) -> None:
    scene.view.panel._follow()
    assert [chip.accessibleName() for chip in chips(scene)] == ["car, 2 boxes, shown", "wheel, 1 box, shown"]
    chip = chips(scene)[0]
    qtbot.mouseClick(chip, LEFT, pos=QPoint(chip.width() - 12, 8))
    assert scene.stage.hidden == {0, 2} and chips(scene)[0].accessibleName() == "car, 2 boxes, hidden"
    qtbot.keyClick(chip, Qt.Key.Key_Space)
    assert not scene.stage.hidden


def test_a_colour_is_chosen_from_the_menu_and_painted(scene: Any) -> None:
    scene.view.panel._follow()
    inside = scene.edges(APART).center().toPoint()
    before = scene.grab().pixelColor(inside)
    menu = chips(scene)[0].menu()
    entries = {action.text(): action for action in menu.actions()}
    assert [name for name in entries if entries[name].isChecked()] == ["Orange"]
    assert set(COLOUR_NAMES) <= set(entries)
    entries["Blue"].trigger()
    assert scene.grab().pixelColor(inside) != before
    assert [a.text() for a in chips(scene)[0].menu().actions() if a.isChecked()] == ["Blue"]


def test_the_filter_leaves_what_it_names_in_list_and_picture(scene: Any, qtbot: QtBot) -> None:
    panel = scene.view.panel
    panel._follow()
    qtbot.keyClicks(panel.filter, "WHE")
    assert [found.number for found in scene.view.canvas.layer.visible()] == [1]
    assert panel.rows.row_rect(1).top() == 0 and panel.rows.row_rect(0).isNull()
    assert panel._count.text() == "1 of 3 boxes shown · 2 labels"
    qtbot.keyClick(panel.filter, Qt.Key.Key_Escape)
    assert not panel.filter.text() and len(scene.view.canvas.layer.visible()) == 3
