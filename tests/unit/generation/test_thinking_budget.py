"""Thinking budget: thoughts get exactly their tokens, wherever they are opened, and the caches stay right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.steps import Form
from mlx_gemma4.generation.thinking_budget import ThinkingBudget, ThoughtIds
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings
from tests.unit.tiny_models import PLAIN, TINY, full_logits, random_ids, random_model

OPEN, THOUGHT, LINE, CLOSE, CALL, WORD = 0, 1, 2, 3, 4, 5
IDS = ThoughtIds(OPEN, [THOUGHT, LINE], CLOSE, CALL)


def write(wishes: list[int], tokens: int, *, in_thought: bool = False) -> list[int]:
    """What comes out when a model wants to write certain tokens."""
    budget = ThinkingBudget(tokens, IDS, in_thought=in_thought)
    written: list[int] = []
    for wish in wishes:
        wanted = budget(written[-1] if written else None)
        written.append(wish if wanted is None else wanted)
    return written


@pytest.mark.parametrize("tokens", [0, 1, 2, 7])
def test_a_thought_is_closed_after_its_last_token(tokens: int) -> None:
    written = write([OPEN, THOUGHT, LINE, *[WORD] * 20], tokens)
    assert written[: tokens + 4] == [OPEN, THOUGHT, LINE, *[WORD] * tokens, CLOSE]
    assert set(written[tokens + 4 :]) == {WORD}
    written = write([WORD] * 20, tokens, in_thought=True)
    assert written[: tokens + 1] == [*[WORD] * tokens, CLOSE]


def test_a_thought_that_ends_in_time_is_left_alone() -> None:
    wishes = [OPEN, THOUGHT, LINE, WORD, WORD, CLOSE, *[WORD] * 9]
    assert write(wishes, 2) == write(wishes, 3) == wishes


def test_all_thoughts_of_an_answer_share_the_budget() -> None:
    thought = [OPEN, THOUGHT, LINE, WORD, WORD, CLOSE, WORD]
    written = write([*thought, OPEN, THOUGHT, LINE, WORD, WORD, WORD], 3)
    assert written == [*thought, OPEN, THOUGHT, LINE, WORD, CLOSE, WORD]
    written = write([*thought, OPEN, WORD, WORD, WORD], 2)
    assert written == [*thought, OPEN, THOUGHT, LINE, CLOSE], "an empty thought, as the chat format writes it"


def test_a_tool_call_ends_a_thought_and_is_not_counted() -> None:
    wishes = [OPEN, THOUGHT, LINE, WORD, CALL, *[WORD] * 9]
    assert write(wishes, 2) == wishes


def count_thoughts(written: list[int], in_thought: bool) -> int:
    """Tokens in thoughts, without the two that name each."""
    count, is_open, skip = 0, in_thought, 0
    for token in written:
        if token == OPEN:
            is_open, skip = True, 2
        elif token in (CLOSE, CALL):
            is_open = False
        elif is_open:
            count, skip = count + (skip == 0), max(skip - 1, 0)
    return count


@given(st.lists(st.integers(0, WORD), max_size=60), st.integers(0, 12), st.booleans())
def test_no_answer_ever_thinks_longer(wishes: list[int], tokens: int, in_thought: bool) -> None:
    assert count_thoughts(write(wishes, tokens, in_thought=in_thought), in_thought) <= tokens


@pytest.mark.parametrize("form", ["whole", "segments"])
@pytest.mark.parametrize("config", [TINY, PLAIN], ids=["tiny", "plain"])
@pytest.mark.parametrize("sampling", [GREEDY, SamplingSettings(temperature=2.0, seed=3)], ids=["greedy", "drawn"])
@pytest.mark.parametrize("tokens", [0, 1, 20])
def test_closing_a_thought_leaves_no_wrong_row_in_the_caches(
    form: Form, config: Gemma4Config, sampling: SamplingSettings, tokens: int
) -> None:
    """The step runs one token ahead, and the window of 16 rows has wrapped round by then."""
    session = Session(random_model(config), form=form, chunk=16)
    prompt = Prepared(random_ids(30))
    list(session.prefill(prompt))
    closer = 3
    ids = ThoughtIds(-1, [], closer, None)  # nothing opens another thought
    answer = list(session.decode(sampling, frozenset(), 40, ThinkingBudget(tokens, ids, in_thought=True)))
    assert answer.index(closer) == tokens and len(answer) == 40
    assert session.token_ids == (*prompt.token_ids.tolist(), *answer)
    as_read = [0 if token in config.media_token_ids else token for token in session.token_ids]  # written as padding
    whole = full_logits(session.model, Prepared(np.array(as_read, dtype=np.int32)))
    np.testing.assert_allclose(np.array(session.next_logits()), whole[-1], atol=2e-4)
    if sampling is GREEDY:
        chosen = whole[len(prompt.token_ids) - 1 : -1].argmax(axis=1).tolist()
        assert answer == [*chosen[:tokens], closer, *chosen[tokens + 1 :]]


def test_an_answer_under_a_budget_that_is_not_reached_is_the_same_as_without() -> None:
    blank = Session(random_model(), chunk=16)

    def answer(budget: ThinkingBudget | None) -> list[int]:
        session = blank.fresh()
        list(session.prefill(Prepared(random_ids(30))))
        return list(session.decode(SamplingSettings(seed=5), frozenset(), 25, budget))

    ids = ThoughtIds(296, [297, 298], 299, None)
    assert answer(ThinkingBudget(25, ids, in_thought=True)) == answer(None)
