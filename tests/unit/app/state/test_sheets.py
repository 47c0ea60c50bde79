"""Which page or frame a box is on; leafing; boxes whose page nobody named; colours, labels, the filter."""

from __future__ import annotations

import pytest

from app.state.attachments import Attachment, Region
from app.state.boxes import choose_colour, colour_on, label_counts, listed, show_only, toggle_label
from app.state.leafing import can_leaf, leaf, where
from app.state.sheets import Sheet, frame_time, sheet_name
from app.state.stage import Stage
from app.state.turn import Turn

MOMENTS = (0.0, 1.4, 2.8, 4.2)


def document(pages: int = 3) -> Attachment:
    result = Attachment("/a.pdf", kind="document")
    result.pages = pages
    return result


def clip() -> Attachment:
    result = Attachment("/a.mp4", kind="clip")
    result.moments = MOMENTS
    return result


@pytest.mark.parametrize(
    ("number", "seconds", "index"),
    [(1, None, 0), (3, None, 2), (4, None, None), (None, None, None), (None, 5.0, None), (2, 9.0, 1)],
)
def test_a_page_is_meant_by_its_number(number: int | None, seconds: float | None, index: int | None) -> None:
    assert document().sheet_at(number, seconds) == index
    assert Attachment("/a.png").sheet_at(number, seconds) == 0, "of a picture there is only one"


@pytest.mark.parametrize(
    ("number", "seconds", "index"),
    [(None, 1.0, 1), (None, 4.0, 3), (None, 2.8, 2), (None, 3.4, 2), (None, 99.0, 3), (2, 4.0, 1), (7, 4.0, 3)],
)
def test_a_frame_is_meant_by_its_number_or_its_time_as_the_model_reads_it(
    number: int | None, seconds: float, index: int
) -> None:
    assert clip().sheet_at(number, seconds) == index


def test_boxes_lie_on_their_page_and_unplaced_ones_on_the_page_that_is_shown() -> None:
    turn, stage = Turn("Where?", (document(),)), Stage()
    turn.add_box((1, 2, 3, 4), "first", 0, 1)
    turn.add_box((1, 2, 3, 4), "third", 0, 3)
    turn.add_box((1, 2, 3, 4), "somewhere", 0)
    stage.show(turn)
    seen = []
    for _ in range(3):
        seen.append([found.label for found in stage.boxes()])
        leaf(stage, 1)
    assert seen == [["first", "somewhere"], ["somewhere"], ["third", "somewhere"]]
    assert where(stage) == "page 3 of 3" and not can_leaf(stage, 1)


def test_a_turn_is_shown_where_its_first_box_is_and_stays_where_the_person_leafed_to() -> None:
    turn, stage = Turn("Where?", (document(),)), Stage()
    turn.add_box((1, 2, 3, 4), "third", 0, 3)
    stage.show(turn)
    assert stage.sheet == 2 and isinstance(stage.image, Sheet) and stage.image.name == "a.pdf, page 3"
    leaf(stage, -1)
    stage.show(turn)
    assert stage.sheet == 1
    stage.show(turn, 0, 0)
    assert stage.sheet == 0 and stage.image is turn.files[0]


def test_leafing_goes_on_in_the_next_file() -> None:
    turn, stage = Turn("Where?", (document(2), clip())), Stage()
    stage.show(turn, 0, 1)
    leaf(stage, 1)
    assert (stage.media_index, stage.sheet) == (1, 0) and where(stage) == "0:00 · frame 1 of 4"
    leaf(stage, -1)
    assert (stage.media_index, stage.sheet) == (0, 1)


def test_an_image_is_announced_once_for_a_change_of_picture_and_page() -> None:
    turn, stage = Turn("Where?", (document(), clip())), Stage()
    seen: list[object] = []
    stage.image_changed.connect(seen.append)
    stage.show(turn, 0, 2)
    stage.show(turn, 1, 3)
    assert [getattr(image, "index", None) for image in seen] == [2, 3]


def test_times_and_names_are_as_people_write_them() -> None:
    assert [frame_time(clip(), index) for index in range(4)] == ["0:00", "0:01", "0:02", "0:04"]
    short = clip()
    short.moments = (0.0, 0.25, 0.5)
    assert [frame_time(short, index) for index in range(3)] == ["0:00.0", "0:00.2", "0:00.5"]
    assert sheet_name(clip(), 2) == "a.mp4, frame at 0:02" and sheet_name(Attachment("/a.png"), 0) == "a.png"


def test_a_box_on_a_part_lies_on_the_whole() -> None:
    whole = document()
    part = Attachment("/part.png", region=Region(whole, 1, (200.0, 100.0, 600.0, 300.0)))
    turn, stage = Turn("What?", (part,)), Stage()
    turn.add_box((0, 500, 1000, 1000), "thing", 0)
    (found,) = turn.boxes
    assert found.box == (200.0, 200.0, 600.0, 300.0) and found.sheet == 1
    stage.show(turn)
    assert stage.picture is whole and stage.sheet == 1 and stage.boxes() == [found]


def test_parts_and_their_whole_are_one_picture() -> None:
    whole = Attachment("/a.png")
    parts = tuple(Attachment("/p.png", region=Region(whole, 0, (0.0, 0.0, 500.0, 500.0))) for _ in range(2))
    turn = Turn("What?", (whole, *parts))
    turn.add_box((0, 0, 1000, 1000), "whole", 0)
    turn.add_box((0, 0, 1000, 1000), "part", 2)
    assert turn.pictures == (whole,)
    assert [(found.media_index, found.box[2]) for found in turn.boxes] == [(0, 1000), (0, 500.0)]
    assert not turn.is_about_parts and Turn("What?", parts).is_about_parts


@pytest.fixture
def stage() -> Stage:
    turn, stage = Turn("Where?", (Attachment("/a.png"),)), Stage()
    for label in ("red car", "Blue car", "tree", "red car"):
        turn.add_box((1, 2, 3, 4), label, 0)
    stage.show(turn)
    return stage


def test_labels_are_counted_hidden_and_shown(stage: Stage) -> None:
    assert [(row.label, row.colour, row.count, row.hidden) for row in label_counts(stage)] == [
        ("red car", 0, 2, 0),
        ("Blue car", 1, 1, 0),
        ("tree", 2, 1, 0),
    ]
    toggle_label(stage, "red car")
    assert stage.hidden == {0, 3} and label_counts(stage)[0].hidden == 2
    toggle_label(stage, "red car")
    show_only(stage, "tree")
    assert stage.hidden == {0, 1, 3}
    show_only(stage, "tree")
    assert not stage.hidden


def test_the_filter_asks_for_all_words_whatever_their_case(stage: Stage) -> None:
    stage.words = "CAR blue"
    assert [found.label for found in listed(stage)] == ["Blue car"]
    stage.words = "car"
    stage.toggle_hidden(0)
    assert [found.number for found in stage.boxes() if stage.wants(found)] == [1, 3]
    stage.show(Turn("Else?", (Attachment("/b.png"),)))
    assert not stage.words, "another turn comes whole"


def test_a_label_has_one_colour_on_a_picture_in_all_answers(stage: Stage) -> None:
    assert stage.turn is not None and stage.picture is not None
    again = Turn("And now?", (stage.picture,))
    again.add_box((1, 2, 3, 4), "tree", 0)
    again.add_box((1, 2, 3, 4), "house", 0)
    assert [found.colour for found in again.boxes] == [2, 3]
    announced: list[bool] = []
    stage.coloured.connect(lambda: announced.append(True))
    choose_colour(stage, "tree", 6)
    assert announced and colour_on(stage.picture, again.boxes[0]) == 6 and label_counts(stage)[2].colour == 6
