"""Training never asks what evaluation asks, and answers read back as the scene they are about."""

from collections import Counter

import numpy as np
import pytest
from tour_model import questions
from tour_model.batches import grid_of
from tour_model.scenes import draw_scene, reading_order
from tour_model.scoring import named_shapes, parse_boxes

UNSEEN = questions.UNSEEN_ALL + questions.UNSEEN_KIND + questions.UNSEEN_SENTENCE


def test_there_are_fifty_unseen_phrasings_and_hundreds_of_trained_ones() -> None:
    rng = np.random.default_rng(0)
    assert len(set(UNSEEN)) >= 50
    for ask in (questions.ask_all, questions.ask_sentence, lambda rng: questions.ask_kind(rng, "red star")):
        assert len({ask(rng) for _ in range(1000)}) > 200


@pytest.mark.parametrize("unseen", UNSEEN)
def test_training_does_not_ask_an_unseen_phrasing(unseen: str) -> None:
    asked = unseen.replace("{one}", "red star").replace("{many}", "red stars")
    assert asked not in _trained()


def _trained(cache: set[str] = set()) -> set[str]:  # noqa: B006
    if not cache:
        rng = np.random.default_rng(1)
        cache |= {questions.ask_all(rng) for _ in range(10000)} | {questions.ask_sentence(rng) for _ in range(10000)}
        cache |= {questions.ask_kind(rng, "red star") for _ in range(10000)}
    return cache


@pytest.mark.parametrize("seed", range(20))
def test_answers_read_back_as_the_scene(seed: int) -> None:
    rng = np.random.default_rng(seed)
    width, height = 500, 300
    _, shapes = draw_scene(rng, width, height, int(rng.integers(0, 9)))
    shapes = reading_order(shapes, width, height, *grid_of(width, height, 70))
    boxes = questions.example(rng, "all", shapes, width, height)
    assert parse_boxes(boxes.answer) == [(shape.box_1000(width, height), shape.label) for shape in shapes]
    said = questions.example(rng, "sentence", shapes, width, height)
    assert named_shapes(said.answer) == Counter(shape.label for shape in shapes)
    absent = questions.example(rng, "absent", shapes, width, height)
    assert parse_boxes(absent.answer) == []
    kind = questions.example(rng, "kind", shapes, width, height)
    assert (kind.task == "kind") == bool(parse_boxes(kind.answer)) == bool(shapes)


def test_the_command_lines_own_words_are_trained() -> None:
    rng = np.random.default_rng(2)
    assert "Detect all objects." in {questions.ask_all(rng) for _ in range(3000)}
    assert "Detect red star." in {questions.ask_kind(rng, "red star") for _ in range(3000)}


@pytest.mark.parametrize(("label", "many"), [("red cross", "red crosses"), ("star", "stars")])
def test_plurals(label: str, many: str) -> None:
    assert questions.plural(label) == many
