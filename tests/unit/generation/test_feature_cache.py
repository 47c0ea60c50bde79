"""What the towers made of a picture is kept for whoever asks about it next, within a budget."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlx_gemma4.generation.feature_cache import FeatureCache
from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.soft_tokens import Encode, encode
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared, PreparedPicture
from tests.unit.tiny_models import IMAGE, random_ids, random_model, random_picture


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many patches the tower was given, each time that it ran."""
    seen: list[int] = []
    look = Gemma4.encode_picture

    def counted(self: Gemma4, patches: object, positions: object) -> object:
        seen.append(len(patches))  # pyright: ignore[reportArgumentType]
        return look(self, patches, positions)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Gemma4, "encode_picture", counted)
    return seen


def _about(picture: PreparedPicture, words: int, start: int) -> Prepared:
    """A question of its own about a picture, which stands at its own place."""
    ids = random_ids(words, seed=words)
    ids[start : start + picture.soft_tokens] = IMAGE
    return Prepared(ids, (replace(picture, start=start),))


def _logits(model: Gemma4, question: Prepared, how: Encode) -> np.ndarray:
    session = Session(model, chunk=16, encode=how)
    list(session.prefill(question))
    return np.array(session.next_logits())


def test_another_conversation_asks_otherwise_about_a_picture_without_a_look_at_it(looks: list[int]) -> None:
    model, cache = random_model(), FeatureCache(1 << 20)
    questions = [_about(random_picture(9, 6, 0), words, start) for words, start in ((30, 2), (41, 20), (25, 2))]
    expected = [_logits(model, question, encode) for question in questions]
    looks.clear()
    for question, wanted in zip(questions, expected, strict=True):
        np.testing.assert_array_equal(_logits(model, question, cache), wanted)
    assert looks == [54]
    assert questions[1].media[0] in cache
    assert random_picture(9, 6, 0, seed=3) not in cache


def test_within_the_budget_those_stay_that_were_used_last(looks: list[int]) -> None:
    model = random_model()
    pictures = [random_picture(9, 6, 0, seed=seed) for seed in range(3)]
    size = encode(model, pictures[0]).soft_SD.nbytes
    cache = FeatureCache(2 * size)
    looks.clear()
    for number in (0, 1, 0, 2, 0, 1):
        cache(model, pictures[number])
        assert cache.nbytes <= 2 * size
    assert len(looks) == 4, "the second one had to go for the third"
    cache.clear()
    assert cache.nbytes == 0


def test_what_is_larger_than_the_budget_is_not_kept() -> None:
    model, cache = random_model(), FeatureCache(10)
    assert cache(model, random_picture(9, 6, 5)).span == range(5, 11)
    assert cache.nbytes == 0
