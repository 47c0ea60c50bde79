"""A box on the screen, by its pixels: line, halo, fill, label; in any picture, enlarged or not."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.views.ink import contrast
from app.views.stage.box_painting import FILL, FILL_SELECTED, ink_on_box
from app.views.theme import FADE_MS, box_colour
from mlx_gemma4.protocol.box_colours import COLOURS, HALO

MakeScene = Callable[..., Any]
BOX = (300, 400, 700, 600)
GROUND = QColor("#808080")


def near(one: QColor, other: QColor, by: int = 3) -> bool:
    return max(abs(one.red() - other.red()), abs(one.green() - other.green()), abs(one.blue() - other.blue())) <= by


def mixed(over: QColor, share: float, under: QColor = GROUND) -> QColor:
    return QColor(
        *(round(a * share + b * (1 - share)) for a, b in zip(over.getRgb()[:3], under.getRgb()[:3], strict=True))
    )


def assert_painted(image: QImage, edges: Any, colour: QColor, fill: float = FILL) -> None:
    """On all four sides, from outside to inside: halo, two pixels of line, halo, fill."""
    left, top, right, bottom = (int(v) for v in (edges.left(), edges.top(), edges.right(), edges.bottom()))
    x, y = (left + right) // 2, (top + bottom) // 2
    # A line of two pixels around an edge at n covers the pixels n-1 and n.
    ways = {
        "left": [QPoint(left + d, y) for d in (-3, -2, -1, 0, 1, 2)],
        "right": [QPoint(right - 1 - d, y) for d in (-3, -2, -1, 0, 1, 2)],
        "bottom": [QPoint(x, bottom - 1 - d) for d in (-3, -2, -1, 0, 1, 2)],
    }
    for side, way in ways.items():
        outside, halo, line, line_inside, halo_inside, inside = (image.pixelColor(point) for point in way)
        assert near(outside, GROUND), side
        assert near(line, colour) and near(line_inside, colour), side
        assert near(halo, mixed(QColor(HALO), 0.85)), side
        assert contrast(halo_inside, colour) > 1.5 and not near(halo_inside, colour, 30), side
        assert near(inside, mixed(colour, fill)), side


@pytest.mark.parametrize("size", [(900, 500), (480, 800), (3000, 2000), (120, 90)])
def test_all_edges_of_a_box_are_where_the_model_put_them(make_scene: MakeScene, size: tuple[int, int]) -> None:
    scene = make_scene(*size)
    scene.turn.add_box(BOX, "star", 0)
    assert_painted(scene.grab(), scene.edges(BOX), box_colour(0))


def test_edges_are_right_in_an_enlarged_and_moved_picture_too(make_scene: MakeScene) -> None:
    scene = make_scene(900, 500)
    scene.turn.add_box((450, 480, 520, 530), "star", 0)
    for _ in range(5):
        scene.stage.zoom("in")
    scene.view.canvas.pan(QPointF(17, -9))
    assert_painted(scene.grab(), scene.edges((450, 480, 520, 530)), box_colour(0))


def test_a_box_is_on_the_screen_while_the_answer_is_still_being_given(make_scene: MakeScene) -> None:
    scene = make_scene()
    assert near(scene.grab().pixelColor(scene.edges(BOX).center().toPoint()), GROUND)
    scene.turn.add_box(BOX, "star", 0)
    assert not scene.turn.status.is_final
    assert near(scene.grab().pixelColor(scene.edges(BOX).center().toPoint()), mixed(box_colour(0), FILL))


def test_the_selected_box_is_filled_more(make_scene: MakeScene) -> None:
    scene = make_scene()
    scene.turn.add_box(BOX, "star", 0)
    scene.stage.selected = 0
    assert_painted(scene.grab(), scene.edges(BOX), box_colour(0), FILL_SELECTED)


def test_boxes_of_one_label_share_a_colour_and_keep_it_when_others_come(make_scene: MakeScene) -> None:
    scene = make_scene()
    first, second, third = (100, 100, 200, 200), (100, 400, 200, 500), (100, 700, 200, 800)
    scene.turn.add_box(first, "star", 0)
    scene.turn.add_box(second, "ring", 0)
    scene.turn.add_box(third, "star", 0)
    image = scene.grab()
    for box, number in ((first, 0), (second, 1), (third, 0)):
        assert near(image.pixelColor(scene.edges(box).center().toPoint()), mixed(box_colour(number), FILL))


def test_a_hidden_box_is_gone_with_its_label_and_comes_back(make_scene: MakeScene) -> None:
    scene = make_scene()
    empty = scene.grab()
    scene.turn.add_box(BOX, "star", 0)
    full = scene.grab()
    scene.stage.toggle_hidden(0)
    assert scene.grab() == empty
    scene.stage.toggle_all_hidden()
    assert scene.grab() == full != empty


def test_the_label_is_above_the_box_in_its_colour(make_scene: MakeScene) -> None:
    scene = make_scene()
    scene.turn.add_box(BOX, "star", 0)
    image = scene.grab()
    tag = scene.view.canvas.layer.tag(0)
    assert tag.bottom() <= scene.edges(BOX).top()
    inside = QPoint(round(tag.left()) + 4, round(tag.center().y()))
    assert near(image.pixelColor(inside), box_colour(0))


def test_labels_can_be_read_on_every_colour() -> None:
    for number in range(len(COLOURS)):
        assert contrast(ink_on_box(box_colour(number)), box_colour(number)) >= 4.5


def test_a_box_fades_in_and_is_there_after_its_time(make_scene: MakeScene, qtbot: QtBot) -> None:
    scene = make_scene(animated=True)
    scene.turn.add_box(BOX, "star", 0)
    fading = scene.view.canvas.fading
    assert fading.opacities()[0] < 1
    qtbot.waitUntil(lambda: fading.opacities() == {}, timeout=FADE_MS + 4_000)
    assert_painted(scene.grab(), scene.edges(BOX), box_colour(0))


def test_without_motion_a_box_is_there_at_once(make_scene: MakeScene) -> None:
    scene = make_scene(animated=False)
    scene.turn.add_box(BOX, "star", 0)
    assert scene.view.canvas.fading.opacities() == {}


def test_an_answer_given_again_begins_without_boxes(make_scene: MakeScene) -> None:
    scene = make_scene()
    empty = scene.grab()
    scene.turn.add_box(BOX, "star", 0)
    scene.turn.restart()
    assert scene.grab() == empty


def test_with_very_many_boxes_only_those_looked_at_are_labelled(make_scene: MakeScene) -> None:
    scene = make_scene()
    for row in range(10):
        for column in range(10):
            scene.turn.add_box((row * 95, column * 95, row * 95 + 60, column * 95 + 60), f"thing {row}", 0)
    scene.grab()
    layer = scene.view.canvas.layer
    assert all(layer.tag(number).isEmpty() for number in range(100))
    scene.stage.hovered = 57
    scene.grab()
    assert [number for number in range(100) if not layer.tag(number).isEmpty()] == [57]
