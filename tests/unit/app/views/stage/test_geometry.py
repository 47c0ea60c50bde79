"""Boxes of 0–1000 land on the right pixels, whatever the picture's proportions and however it is enlarged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from app.views.stage.geometry import MOST_ENLARGED, box_rect, fitted, kept_inside, snapped, zoomed
from app.views.stage.viewport import Viewport

LANDSCAPE, PORTRAIT = QSizeF(900, 500), QSizeF(480, 800)
VIEW = QRectF(10, 20, 600, 400)
sizes = st.builds(QSizeF, st.integers(1, 5000), st.integers(1, 5000))


def test_a_box_is_read_as_top_left_bottom_right_of_a_thousandth_each() -> None:
    assert box_rect((100, 200, 300, 400), LANDSCAPE) == QRectF(180, 50, 180, 100)
    assert box_rect((100, 200, 300, 400), PORTRAIT) == QRectF(96, 80, 96, 160)
    assert box_rect((0, 0, 1000, 1000), PORTRAIT) == QRectF(0, 0, 480, 800)


def test_a_landscape_picture_fills_the_width_and_stands_in_the_middle_of_the_height() -> None:
    place = fitted(LANDSCAPE, VIEW)
    assert place.scale == pytest.approx(600 / 900)
    whole = place.rect(QRectF(QPointF(), LANDSCAPE))
    assert whole.left() == pytest.approx(10)
    assert whole.center().y() == pytest.approx(220)


def test_a_portrait_picture_fills_the_height_and_stands_in_the_middle_of_the_width() -> None:
    whole = fitted(PORTRAIT, VIEW).rect(QRectF(QPointF(), PORTRAIT))
    assert (whole.top(), whole.bottom()) == (pytest.approx(20), pytest.approx(420))
    assert whole.center().x() == pytest.approx(310)


def test_an_icon_is_not_blown_up_to_a_poster() -> None:
    assert fitted(QSizeF(16, 16), VIEW).scale == 4


@given(sizes, st.floats(0.1, 8), st.floats(0, 600), st.floats(0, 400))
def test_zooming_keeps_what_is_under_the_pointer(size: QSizeF, factor: float, x: float, y: float) -> None:
    before = fitted(size, VIEW)
    at = QPointF(x, y)
    after = zoomed(before, before.scale * factor, at)
    moved = after.on_picture(at) - before.on_picture(at)
    assert abs(moved.x()) * after.scale < 1e-3
    assert abs(moved.y()) * after.scale < 1e-3


@given(sizes, st.floats(0.05, 8), st.floats(-9000, 9000), st.floats(-9000, 9000))
def test_an_enlarged_picture_leaves_no_gap_and_a_small_one_stays_in_the_middle(
    size: QSizeF, scale: float, dx: float, dy: float
) -> None:
    viewport = Viewport()
    viewport.view = VIEW
    viewport.picture = size
    viewport.is_fitted = False
    viewport.placement = kept_inside(zoomed(fitted(size, VIEW), scale, VIEW.center()), size, VIEW)
    viewport.pan(QPointF(dx, dy))
    whole = viewport.placement.rect(QRectF(QPointF(), size))
    for low, high, start, end in (
        (VIEW.left(), VIEW.right(), whole.left(), whole.right()),
        (VIEW.top(), VIEW.bottom(), whole.top(), whole.bottom()),
    ):
        if end - start > high - low:
            assert start <= low + 1e-6
            assert end >= high - 1e-6
        else:
            assert (start + end) / 2 == pytest.approx((low + high) / 2)


def test_a_fitted_picture_stays_fitted_when_the_view_changes_and_an_enlarged_one_keeps_its_middle() -> None:
    viewport = Viewport()
    viewport.set_view(VIEW)
    viewport.set_picture(LANDSCAPE)
    viewport.set_view(QRectF(0, 0, 300, 300))
    assert viewport.placement == fitted(LANDSCAPE, QRectF(0, 0, 300, 300))
    viewport.zoom_to(2, QPointF(150, 150))
    middle = viewport.placement.on_picture(viewport.view.center())
    viewport.set_view(QRectF(0, 0, 340, 320))
    after = viewport.placement.on_picture(viewport.view.center())
    assert (after.x(), after.y()) == (pytest.approx(middle.x()), pytest.approx(middle.y()))
    assert viewport.placement.scale == 2


def test_zooming_out_ends_at_the_whole_picture_and_zooming_in_has_an_end_too() -> None:
    viewport = Viewport()
    viewport.set_view(VIEW)
    viewport.set_picture(LANDSCAPE)
    for _ in range(40):
        viewport.zoom("in", 1.0)
    assert viewport.placement.scale == MOST_ENLARGED
    for _ in range(40):
        viewport.zoom("out", 1.0)
    assert viewport.is_fitted
    viewport.zoom("actual", 2.0)
    assert viewport.is_fitted  # on this screen, pixel by pixel is smaller than whole: so whole it is
    viewport.set_picture(QSizeF(4000, 3000))
    viewport.zoom("actual", 2.0)
    assert viewport.placement.scale == 0.5


@given(st.floats(-50, 900), st.floats(-50, 900), st.floats(0, 300), st.floats(0, 300), st.sampled_from([1.0, 1.5, 2.0]))
def test_snapped_edges_are_whole_pixels_and_moved_by_less_than_one(
    x: float, y: float, width: float, height: float, ratio: float
) -> None:
    rect = QRectF(x, y, width, height)
    sharp = snapped(rect, ratio)
    for before, after in (
        (rect.left(), sharp.left()),
        (rect.top(), sharp.top()),
        (rect.right(), sharp.right()),
        (rect.bottom(), sharp.bottom()),
    ):
        assert after * ratio == pytest.approx(round(after * ratio), abs=1e-6)
        assert abs(after - before) <= 0.5 / ratio + 1e-6
