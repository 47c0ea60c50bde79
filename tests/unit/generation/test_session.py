"""A session knows exactly which tokens it holds, wherever its consumer stops, and can go back and branch."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from mlx_gemma4.generation.session import Session
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.errors import PrismError, PromptError
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings
from tests.unit.tiny_models import IMAGE, PLAIN, full_logits, picture_prompt, random_ids, random_model


@pytest.fixture(scope="module")
def model() -> Gemma4:
    return random_model()


@pytest.fixture(scope="module")
def empty(model: Gemma4) -> Session:
    return Session(model, chunk=16)


def started(empty: Session, tokens: int = 30) -> Session:
    """A session with a prompt of some tokens."""
    session = empty.fresh()
    list(session.prefill(Prepared(random_ids(tokens))))
    return session


def assert_consistent(session: Session) -> None:
    """Another prompt after what the session says it holds gives the logits of the whole sequence."""
    list(session.prefill(Prepared(random_ids(11, seed=9))))
    whole = Prepared(np.array(session.token_ids, dtype=np.int32))
    np.testing.assert_allclose(np.array(session.next_logits()), full_logits(session.model, whole)[-1], atol=2e-4)


@pytest.mark.parametrize("taken", [1, 2, 25])
def test_an_answer_left_early_ends_with_the_last_token_taken(empty: Session, taken: int) -> None:
    session = started(empty)
    answer = session.decode(GREEDY, frozenset(), 100)
    ids = list(itertools.islice(answer, taken))
    del answer
    assert session.token_ids == (*random_ids(30).tolist(), *ids)
    assert_consistent(session)


def test_decoding_goes_on_where_it_was_left(empty: Session) -> None:
    whole = list(started(empty).decode(GREEDY, frozenset(), 20))
    session = started(empty)
    parts = list(itertools.islice(session.decode(GREEDY, frozenset(), 100), 7))
    parts += session.decode(GREEDY, frozenset(), 13)
    assert parts == whole


def test_a_stop_id_is_yielded_and_ends_the_answer(empty: Session) -> None:
    whole = list(started(empty).decode(GREEDY, frozenset(), 20))
    stop = whole[8]
    session = started(empty)
    answer = list(session.decode(GREEDY, frozenset({stop}), 20))
    assert answer == whole[: whole.index(stop) + 1]
    assert session.length == 30 + len(answer)
    assert_consistent(session)


@pytest.mark.parametrize("max_tokens", [0, 1, 2])
def test_no_more_than_the_most_tokens_come(empty: Session, max_tokens: int) -> None:
    session = started(empty)
    assert len(list(session.decode(GREEDY, frozenset(), max_tokens))) == max_tokens
    assert_consistent(session)


def test_a_prompt_left_early_ends_after_the_last_finished_chunk(empty: Session) -> None:
    session = empty.fresh()
    progress = session.prefill(Prepared(random_ids(60)))
    assert next(progress) == (16, 60)
    assert next(progress) == (32, 60)
    del progress
    assert session.token_ids == tuple(random_ids(60)[:32].tolist())
    with pytest.raises(PromptError, match="no prompt to continue"):
        session.next_logits()
    assert_consistent(session)


def test_decoding_needs_a_prompt(empty: Session) -> None:
    with pytest.raises(PromptError, match="no prompt"):
        empty.fresh().decode(GREEDY, frozenset(), 5)


def test_the_same_seed_gives_the_same_answer_and_another_seed_another(empty: Session) -> None:
    answers = [
        list(started(empty).decode(SamplingSettings(seed=seed), frozenset(), 20)) for seed in (1, 1, 2, None, None)
    ]
    assert answers[0] == answers[1]
    assert len({tuple(answer) for answer in answers}) == 4


@pytest.mark.parametrize("settings", [SamplingSettings(seed=7), SamplingSettings(3.0, 0, 0.9, seed=7)])
def test_a_seed_gives_the_same_answer_in_both_forms_and_from_a_snapshot(
    model: Gemma4, settings: SamplingSettings
) -> None:
    answers: list[list[int]] = []
    for form in ("whole", "segments"):
        session = started(Session(model, form=form, chunk=16))
        snapshot = session.snapshot()
        answers.append(list(session.decode(settings, frozenset(), 40)))
        fork = session.fork(snapshot)
        session.restore(snapshot)
        for again in (session, fork):
            answers.append(list(again.decode(settings, frozenset(), 40)))
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("tokens", [9, 30])
def test_a_restored_snapshot_gives_the_same_answer_again(empty: Session, tokens: int) -> None:
    session = started(empty, tokens)
    snapshot = session.snapshot()
    first = list(session.decode(GREEDY, frozenset(), 25))
    session.restore(snapshot)
    assert session.token_ids == tuple(random_ids(tokens).tolist())
    assert list(session.decode(GREEDY, frozenset(), 25)) == first
    session.restore(snapshot)
    assert_consistent(session)


def test_a_snapshot_inside_a_prompt_or_an_answer_can_be_returned_to(empty: Session) -> None:
    session = empty.fresh()
    progress = session.prefill(Prepared(random_ids(60)))
    next(progress)
    snapshots = [session.snapshot()]
    list(session.prefill(Prepared(random_ids(20, seed=4))))
    for token_id in session.decode(GREEDY, frozenset(), 12):
        if session.length == 40:
            snapshots.append(session.snapshot())
            last = token_id
    assert [snapshot.length for snapshot in snapshots] == [16, 40]
    session.restore(snapshots[1])
    assert session.token_ids[-1] == last
    assert_consistent(session)
    session.restore(snapshots[0])
    assert_consistent(session)


def test_a_fork_and_its_origin_go_their_own_ways(empty: Session) -> None:
    session = started(empty)
    snapshot = session.snapshot()
    fork = session.fork(snapshot)
    first = list(session.decode(GREEDY, frozenset(), 25))
    assert_consistent(fork)
    assert list(session.fork(snapshot).decode(GREEDY, frozenset(), 25)) == first
    assert session.length == 55
    assert_consistent(session)


def test_restoring_the_snapshot_of_another_session_copies_it(empty: Session) -> None:
    origin, other = started(empty), started(empty, 5)
    snapshot = origin.snapshot()
    other.restore(snapshot)
    assert_consistent(other)
    assert_consistent(origin)


def test_a_snapshot_that_was_rewound_past_is_refused_in_words(empty: Session) -> None:
    session = started(empty)
    early = session.snapshot()
    list(session.decode(GREEDY, frozenset(), 5))
    late = session.snapshot()
    session.restore(early)
    with pytest.raises(PrismError, match="its branch went back to an earlier point"):
        session.restore(late)
    assert session.length == 30


def test_pictures_survive_a_fork(model: Gemma4) -> None:
    session = Session(model)
    prompt = picture_prompt()
    list(session.prefill(prompt))
    fork = session.fork(session.snapshot())
    np.testing.assert_allclose(np.array(fork.next_logits()), full_logits(model, prompt)[-1], atol=5e-4)


def test_a_picture_marker_that_the_model_writes_counts_as_padding(empty: Session) -> None:
    logits = []
    for written in (IMAGE, 0):
        session = started(empty)
        session.accept(written)
        logits.append(np.array(session.next_logits()))
        session.accept(written)
        list(session.prefill(Prepared(random_ids(5))))
        logits.append(np.array(session.next_logits()))
    np.testing.assert_array_equal(logits[0], logits[2])
    np.testing.assert_array_equal(logits[1], logits[3])


@pytest.mark.parametrize("back", ["restore", "fork", "take over"])
def test_a_picture_after_a_cached_prefix_still_sees_itself(back: str) -> None:
    text = dataclasses.replace(PLAIN.text, media_sees_itself=True)
    model = random_model(dataclasses.replace(PLAIN, text=text))
    session = Session(model, chunk=12)
    list(session.prefill(Prepared(random_ids(30))))
    snapshot = session.snapshot()
    list(session.decode(GREEDY, frozenset(), 20))
    if back == "restore":
        session.restore(snapshot)
    else:
        session = session.fork(snapshot) if back == "fork" else session.take_over(snapshot)
    list(session.prefill(picture_prompt()))
    pictures = tuple(picture.moved(picture.start + 30) for picture in picture_prompt().media)
    whole = Prepared(np.array(session.token_ids, dtype=np.int32), pictures)
    np.testing.assert_allclose(np.array(session.next_logits()), full_logits(model, whole)[-1], atol=5e-4)


def test_a_retired_session_can_be_gone_on_with_or_branched_off(empty: Session) -> None:
    for tokens in (5, 30):  # within the window, and past it
        session = started(empty, tokens)
        list(session.decode(GREEDY, frozenset(), 6))
        expected = list(session.fork(session.snapshot()).decode(GREEDY, frozenset(), 10))
        snapshot = session.retire()
        assert session.caches.nbytes == sum(2 * cache.keys.nbytes for cache in session.caches.globals.values())
        assert list(empty.fork(snapshot).decode(GREEDY, frozenset(), 10)) == expected
        taken = empty.take_over(snapshot)
        assert taken.caches is session.caches
        assert list(taken.decode(GREEDY, frozenset(), 10)) == expected
        assert_consistent(taken)


def test_chunks_end_where_a_snapshot_is_wanted(model: Gemma4) -> None:
    session = Session(model, chunk=16)
    list(session.prefill(Prepared(random_ids(5))))
    assert [done for done, _ in session.prefill(picture_prompt(), [16, 19, 48])] == [10, 16, 19, 35, 48, 64, 80]
