"""Scores worked out by hand."""

from collections import Counter

import pytest
from tour_model.scenes import Shape
from tour_model.scoring import Tally, iou, named_shapes, parse_boxes, score_absent, score_boxes, score_sentence

CIRCLE = Shape("circle", "red", (10.0, 20.0, 30.0, 60.0))
STAR = Shape("star", "blue", (50.0, 50.0, 90.0, 90.0))


def answer(*rows: str) -> str:
    return "```json\n[\n" + ",\n".join(rows) + "\n]\n```"


def test_iou_of_half_overlapping_boxes_is_a_third() -> None:
    assert iou((0, 0, 10, 10), (0, 5, 10, 15)) == pytest.approx(1 / 3)


def test_a_right_a_misnamed_and_an_invented_box() -> None:
    tally = Tally()
    right = '  {"box_2d": [200, 100, 600, 300], "label": "red circle"}'
    misnamed = '  {"box_2d": [500, 500, 900, 900], "label": "blue cross"}'
    invented = '  {"box_2d": [0, 0, 50, 50], "label": "red star"}'
    score_boxes(tally, answer(right, misnamed, invented), [CIRCLE, STAR], 100, 100)
    assert tally.figures() == {
        "json_valid": 1.0,
        "recall": 1.0,
        "mean_iou": 1.0,
        "label_right": 0.5,
        "false_boxes": 0.3333,
        "precision": 0.3333,
    }


def test_one_shape_is_found_once() -> None:
    tally = Tally()
    twice = '  {"box_2d": [200, 100, 600, 300], "label": "red circle"}'
    score_boxes(tally, answer(twice, twice), [CIRCLE], 100, 100)
    assert (tally.found, tally.given) == (1, 2)


@pytest.mark.parametrize("text", ["[]", "```json\n[\n```", '```json\n[{"box": 1}]\n```', "There is a star."])
def test_what_is_not_a_fenced_list_of_boxes_is_invalid(text: str) -> None:
    assert parse_boxes(text) is None


def test_absent_wants_an_empty_list() -> None:
    tally = Tally()
    for text in ("```json\n[]\n```", answer('  {"box_2d": [0, 0, 1, 1], "label": "red star"}')):
        score_absent(tally, text)
    assert tally.figures() == {"absent_empty": 0.5}


def test_sentences_count_what_they_name() -> None:
    assert named_shapes("There are two red crosses, a blue star and an orange ring.") == Counter(
        {"red cross": 2, "blue star": 1, "orange ring": 1}
    )
    assert named_shapes("There are no shapes in this picture.") == Counter()
    assert named_shapes("```json") is None


def test_a_sentence_may_name_more_but_is_then_not_exact() -> None:
    tally = Tally()
    score_sentence(tally, "There is a red circle, a blue star and a red star.", [CIRCLE, STAR])
    score_sentence(tally, "There is a red circle.", [CIRCLE, STAR])
    assert tally.figures() == {"sentence_names_all": 0.5, "sentence_exact": 0.0}
