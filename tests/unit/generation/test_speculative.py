"""Guesses change how often the model runs, and nothing else."""

from __future__ import annotations

import itertools

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.cache.layer_caches import LayerCaches
from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.speculative import Speculation, speculate
from mlx_gemma4.generation.steps import DecodeSteps
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings
from tests.unit.tiny_models import EXPERTS, TINY, full_logits, random_ids, random_model

WARM = SamplingSettings(seed=11)


class Oracle:
    """Knows the answer, and says it with so many mistakes."""

    def __init__(self, start: int, answer: list[int], right: float) -> None:
        self._start, self._answer, self._right = start, answer, right
        self._draws = np.random.default_rng(5)

    def guess(self, token: int, hidden_1D: mx.array, caches: LayerCaches, count: int) -> mx.array:
        """The next tokens, each of them wrong now and then."""
        at = caches.length + 1 - self._start
        truth = (self._answer[at : at + count] + [7] * count)[:count]
        return mx.array([token if self._draws.random() < self._right else 5 for token in truth])


@pytest.fixture(scope="module", params=[TINY, EXPERTS], ids=["e2b", "moe"])
def empty(request: pytest.FixtureRequest) -> Session:
    model = random_model(request.param)
    return Session(model, chunk=16, steps=DecodeSteps(model, suppressed_ids=model.config.media_token_ids))


def begun(empty: Session, tokens: int = 30) -> Session:
    session = empty.fresh()
    list(session.prefill(Prepared(random_ids(tokens))))
    return session


def assert_holds_what_it_says(session: Session) -> None:
    """A further prompt has the logits of the whole sequence."""
    list(session.prefill(Prepared(random_ids(11, seed=9))))
    whole = Prepared(np.array(session.token_ids, dtype=np.int32))
    np.testing.assert_allclose(np.array(session.next_logits()), full_logits(session.model, whole)[-1], atol=2e-4)


@pytest.mark.parametrize("sampling", [GREEDY, WARM], ids=["greedy", "warm"])
@pytest.mark.parametrize("right", [0.0, 0.7, 1.0])
def test_the_answer_is_that_of_plain_decoding(empty: Session, right: float, sampling: SamplingSettings) -> None:
    plain = list(begun(empty).decode(sampling, frozenset(), 60))  # far past the window of 16
    for block in (2, 4, 6):
        session = begun(empty)
        speculation = Speculation(Oracle(30, plain, right), fixed_length=block - 1)
        assert list(speculate(session, speculation, sampling, frozenset(), 60)) == plain
        assert session.token_ids[30:] == tuple(plain)
        if right == 1:
            assert speculation.runs * 2 <= 60 + 2 * (block == 2)
        if right == 0:
            assert speculation.runs >= 58
    assert_holds_what_it_says(session)


@pytest.mark.parametrize("taken", [1, 2, 3, 5, 23])
def test_an_answer_left_in_the_middle_of_a_block_ends_there(empty: Session, taken: int) -> None:
    plain = list(begun(empty).decode(GREEDY, frozenset(), 40))
    session = begun(empty)
    answer = speculate(session, Speculation(Oracle(30, plain, 1.0), fixed_length=4), GREEDY, frozenset(), 40)
    assert list(itertools.islice(answer, taken)) == plain[:taken]
    assert session.length == 30 + taken
    snapshot = session.snapshot()  # with the answer still open
    del answer
    assert_holds_what_it_says(session)
    session.restore(snapshot)
    assert list(session.decode(GREEDY, frozenset(), 40 - taken)) == plain[taken:]


def test_a_reused_snapshot_is_gone_on_from(empty: Session) -> None:
    session = begun(empty, 40)
    snapshot = session.snapshot()
    plain = list(session.decode(GREEDY, frozenset(), 30))
    for right in (0.7, 1.0):
        other = session.fork(snapshot)
        assert list(speculate(other, Speculation(Oracle(40, plain, right)), GREEDY, frozenset(), 30)) == plain
        session.restore(snapshot)
        assert list(speculate(session, Speculation(Oracle(40, plain, right)), GREEDY, frozenset(), 30)) == plain


def test_a_stop_token_ends_the_answer_inside_a_block(empty: Session) -> None:
    plain = list(begun(empty).decode(GREEDY, frozenset(), 40))
    stop = frozenset({plain[9]})
    expected = list(begun(empty).decode(GREEDY, stop, 40))
    session = begun(empty)
    speculation = Speculation(Oracle(30, plain, 1.0), fixed_length=5)
    assert list(speculate(session, speculation, GREEDY, stop, 40)) == expected
    assert_holds_what_it_says(session)


@pytest.mark.parametrize("sampling", [GREEDY, WARM], ids=["greedy", "warm"])
def test_what_a_guide_asks_for_comes_where_it_asks(empty: Session, sampling: SamplingSettings) -> None:
    def make_guide() -> tuple[list[int | None], object]:
        asked: list[int | None] = []

        def guide(before: int | None) -> int | None:
            asked.append(before)
            return {1: 101, 9: 102, 10: 103, 30: 104}.get(len(asked))

        return asked, guide

    asked, guide = make_guide()
    plain = list(begun(empty).decode(sampling, frozenset(), 40, guide))  # type: ignore[arg-type]
    assert [plain[at] for at in (0, 8, 9, 29)] == [101, 102, 103, 104]
    for length in (3, None):
        asked_again, guide = make_guide()
        speculation = Speculation(Oracle(30, plain, 0.9), fixed_length=length)
        assert list(speculate(begun(empty), speculation, sampling, frozenset(), 40, guide)) == plain  # type: ignore[arg-type]
        assert asked_again == asked


def test_drafting_goes_off_and_on_by_what_pays(empty: Session) -> None:
    plain = list(begun(empty).decode(WARM, frozenset(), 300))
    speculation = Speculation(Oracle(30, plain, 0.0))
    assert list(speculate(begun(empty), speculation, WARM, frozenset(), 300)) == plain
    assert speculation.tokens == 300
    assert speculation.length.acceptance < 0.9
