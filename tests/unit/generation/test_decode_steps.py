"""Both forms of the decode step equal the full sequence on every path, and each other."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.steps import DecodeSteps, Form
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings
from tests.unit.tiny_models import EXPERTS, PLAIN, TINY, full_logits, picture_prompt, random_ids, random_model

FORMS = ["whole", "segments"]
TOLERANCE = 2e-4
WELL_CONDITIONED = 10
"""A seed whose experts turn one rounding in every weight into 4e-5 of the logits; with others it is up to 4e-4."""


@pytest.fixture(scope="module", params=[TINY, PLAIN, EXPERTS], ids=["borrowing", "plain", "experts"])
def model(request: pytest.FixtureRequest) -> Gemma4:
    return random_model(cast(Gemma4Config, request.param), WELL_CONDITIONED)


def forced(session: Session, ids: np.ndarray) -> np.ndarray:
    """The logits after the session's last token and after each of `ids`, one step at a time."""
    logits = [np.array(session.next_logits())]
    for token_id in ids:
        session.accept(int(token_id))
        logits.append(np.array(session.next_logits()))
    return np.stack(logits)


@pytest.mark.parametrize("form", FORMS)
def test_token_by_token_equals_the_full_sequence_past_the_window(model: Gemma4, form: Form) -> None:
    ids = random_ids(50)
    session = Session(model, form=form)
    list(session.prefill(Prepared(ids[:1])))
    np.testing.assert_allclose(forced(session, ids[1:]), full_logits(model, Prepared(ids)), atol=TOLERANCE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("chunk", [5, 16, 512])
@pytest.mark.parametrize("start", [12, 17, 40])
def test_steps_after_a_prompt_in_chunks_equal_the_full_sequence(
    model: Gemma4, form: Form, chunk: int, start: int
) -> None:
    ids = random_ids(48)
    expected = full_logits(model, Prepared(ids))
    session = Session(model, form=form, chunk=chunk)
    list(session.prefill(Prepared(ids[:start])))
    np.testing.assert_allclose(forced(session, ids[start:]), expected[start - 1 :], atol=TOLERANCE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("chunk", [5, 512])
def test_steps_after_two_pictures_equal_the_full_sequence(model: Gemma4, form: Form, chunk: int) -> None:
    prompt = picture_prompt(70)
    expected = full_logits(model, prompt)
    session = Session(model, form=form, chunk=chunk)
    list(session.prefill(Prepared(prompt.token_ids[:60], prompt.media)))
    np.testing.assert_allclose(forced(session, prompt.token_ids[60:]), expected[59:], atol=5e-4)


@pytest.mark.parametrize("form", FORMS)
def test_a_second_prompt_after_an_answer_equals_the_full_sequence(model: Gemma4, form: Form) -> None:
    session = Session(model, form=form, chunk=7)
    list(session.prefill(Prepared(random_ids(20))))
    list(session.decode(GREEDY, frozenset(), 9))
    list(session.prefill(picture_prompt()))
    pictures = tuple(type(p)(p.patches, p.positions, p.start + 29, p.soft_tokens) for p in picture_prompt().media)
    whole = Prepared(np.array(session.token_ids, dtype=np.int32), pictures)
    np.testing.assert_allclose(np.array(session.next_logits()), full_logits(model, whole)[-1], atol=5e-4)


@pytest.mark.parametrize("form", FORMS)
def test_greedy_decoding_takes_the_likeliest_token_of_the_full_sequence(model: Gemma4, form: Form) -> None:
    session = Session(model, form=form)
    list(session.prefill(Prepared(random_ids(10))))
    answer = list(session.decode(GREEDY, frozenset(), 30))
    ids = np.array(session.token_ids, dtype=np.int32)
    ids[np.isin(ids, TINY.media_token_ids)] = 0  # a random model writes markers too; they count as padding then
    assert answer == full_logits(model, Prepared(ids))[9:-1].argmax(-1).tolist()


@pytest.mark.parametrize("sampling", [GREEDY, SamplingSettings(seed=5), SamplingSettings(top_k=0, top_p=0.8, seed=5)])
def test_both_forms_draw_the_same_tokens(model: Gemma4, sampling: SamplingSettings) -> None:
    answers = []
    for form in FORMS:
        session = Session(model, form=cast(Form, form))
        list(session.prefill(Prepared(random_ids(10))))
        answers.append(list(session.decode(sampling, frozenset(), 40)))
    assert answers[0] == answers[1]
    assert len(answers[0]) == 40


def answer_without(model: Gemma4, form: Form, sampling: SamplingSettings, suppressed_ids: set[int]) -> list[int]:
    session = Session(model, steps=DecodeSteps(model, form, suppressed_ids))
    list(session.prefill(Prepared(random_ids(10))))
    return list(session.decode(sampling, frozenset(), 12))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sampling", [GREEDY, SamplingSettings(seed=5), SamplingSettings(top_k=0, seed=5)])
def test_suppressed_ids_are_never_written(model: Gemma4, form: Form, sampling: SamplingSettings) -> None:
    written = set(answer_without(model, form, sampling, set()))
    assert written.isdisjoint(answer_without(model, form, sampling, written))


@pytest.mark.parametrize("form", FORMS)
def test_suppressing_ids_changes_nothing_before_one_is_due(model: Gemma4, form: Form) -> None:
    free = answer_without(model, form, GREEDY, set())
    assert answer_without(model, form, GREEDY, set(range(300)) - set(free)) == free
    due = max(free.index(token_id) for token_id in free)
    assert answer_without(model, form, GREEDY, {free[due]})[:due] == free[:due]


@pytest.mark.parametrize("form", FORMS)
def test_growing_the_caches_in_the_middle_of_an_answer_changes_nothing(model: Gemma4, form: Form) -> None:
    answers = []
    for reserved in (0, 600):
        session = Session(model, form=form)
        session.caches.reserve(reserved)
        list(session.prefill(Prepared(random_ids(240))))
        answers.append(list(session.decode(GREEDY, frozenset(), 40)))
    assert session.caches.capacity >= 600
    assert answers[0] == answers[1]
