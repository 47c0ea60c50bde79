"""Labels stay inside the picture and off what they would hide."""

from hypothesis import given
from hypothesis import strategies as st

from app.views.stage.tags import Edges, Labelled, place_tags

BOUNDS = (0.0, 0.0, 500.0, 300.0)
WIDTH, HEIGHT = 70.0, 18.0


def labelled(left: float, top: float, right: float, bottom: float) -> Labelled:
    return Labelled((left, top, right, bottom), WIDTH, HEIGHT)


def overlap(one: Edges, other: Edges) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0) * max(down, 0)


boxes = st.builds(
    lambda x, y, w, h: labelled(x, y, x + w, y + h),
    st.floats(-100, 550), st.floats(-100, 350), st.floats(0, 400), st.floats(0, 300),
)  # fmt: skip


@given(st.lists(boxes, max_size=12))
def test_no_label_leaves_the_picture(several: list[Labelled]) -> None:
    places = place_tags(several, BOUNDS)
    assert len(places) == len(several)
    for left, top, right, bottom in places:
        assert left >= BOUNDS[0] - 1e-6
        assert top >= BOUNDS[1] - 1e-6
        assert right <= BOUNDS[2] + 1e-6
        assert bottom <= BOUNDS[3] + 1e-6


def test_a_label_sits_on_its_box() -> None:
    (place,) = place_tags([labelled(100, 100, 200, 200)], BOUNDS)
    assert place == (98, 81, 168, 99)


def test_a_box_at_the_upper_edge_has_its_label_below() -> None:
    (place,) = place_tags([labelled(100, 3, 160, 60)], BOUNDS)
    assert place[1] > 60


def test_a_box_of_the_whole_picture_has_its_label_inside_its_corner() -> None:
    (place,) = place_tags([labelled(0, 0, 500, 300)], BOUNDS)
    assert place[0] < 10


def test_a_small_box_is_not_hidden_by_its_own_label_nor_by_its_neighbours() -> None:
    column = [labelled(200, y, 220, y + 20) for y in (60, 100, 140, 180)]
    places = place_tags(column, BOUNDS)
    assert sum(overlap(place, one.box) for place in places for one in column) == 0


def test_labels_of_neighbours_do_not_cover_each_other() -> None:
    row = [labelled(x, 100, x + 30, 130) for x in (60, 95, 130, 165)]
    places = place_tags(row, BOUNDS)
    pairs = [(a, b) for i, a in enumerate(places) for b in places[:i]]
    assert sum(overlap(a, b) for a, b in pairs) == 0


def test_a_further_box_far_away_moves_no_label() -> None:
    first = [labelled(50, 100, 110, 160), labelled(150, 100, 210, 160)]
    assert place_tags([*first, labelled(400, 200, 450, 250)], BOUNDS)[:2] == place_tags(first, BOUNDS)
