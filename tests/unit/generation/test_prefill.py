"""Prompts are cut into chunks that never split a picture, and run only the layers that fill caches."""

from __future__ import annotations

from itertools import pairwise

import mlx.core as mx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.generation import pace
from mlx_gemma4.generation.pace import ChunkPace
from mlx_gemma4.generation.prefill import chunk_bounds
from mlx_gemma4.generation.session import Session
from mlx_gemma4.model.text.attention import Attention
from mlx_gemma4.model.text.feed_forward import FeedForward
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.errors import PromptError
from tests.unit.tiny_models import IMAGE, picture_prompt, random_ids, random_model, random_picture


def test_a_chunk_ends_before_a_picture_it_would_split() -> None:
    assert list(chunk_bounds(30, ChunkPace(10), [range(8, 14)])) == [(0, 8), (8, 18), (18, 28), (28, 30)]


def test_a_picture_longer_than_a_chunk_is_one_chunk() -> None:
    assert list(chunk_bounds(40, ChunkPace(10), [range(10, 35)])) == [(0, 10), (10, 35), (35, 40)]


@given(st.integers(1, 12), st.lists(st.tuples(st.integers(0, 6), st.integers(1, 20)), max_size=5), st.integers(0, 9))
def test_chunks_cover_everything_once_and_split_nothing(chunk: int, gaps: list[tuple[int, int]], tail: int) -> None:
    blocks, end = [], 0
    for gap, length in gaps:
        blocks.append(range(end + gap, end + gap + length))
        end += gap + length
    bounds = list(chunk_bounds(end + tail, ChunkPace(chunk), blocks))
    assert [start for start, _ in bounds] == [0, *[stop for _, stop in bounds[:-1]]][: len(bounds)]
    assert not bounds or bounds[-1][1] == end + tail
    for start, stop in bounds:
        assert not any(block.start < stop < block.stop for block in blocks)
        assert stop - start <= chunk or range(start, stop) in blocks


def test_progress_is_told_after_each_chunk_and_ends_with_all() -> None:
    session = Session(random_model(), chunk=8)
    assert list(session.prefill(Prepared(random_ids(20)))) == [(8, 20), (16, 20), (20, 20)]
    assert session.length == 20
    assert list(session.prefill(Prepared(random_ids(9)))) == [(7, 9), (9, 9)]
    assert session.length == 29


def test_chunks_of_a_slow_model_shrink_in_the_middle_of_a_prompt() -> None:
    session = Session(random_model(), chunk=ChunkPace(64, seconds=1e-9))
    assert list(session.prefill(Prepared(random_ids(150)))) == [(64, 150), (96, 150), (128, 150), (150, 150)]
    assert session.fresh().pace is session.pace, "what was learned serves the next prompt"


def test_a_prompt_of_one_token_needs_no_pass() -> None:
    session = Session(random_model())
    assert list(session.prefill(Prepared(random_ids(1)))) == [(1, 1)]
    assert session.caches.length == 0
    assert session.next_logits().shape == (300,)


def test_a_chunk_runs_no_borrowing_layer_and_only_keys_and_values_of_the_last_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = random_model()
    counts = {"attention": 0, "feed_forward": 0, "keys_values": 0}

    def counted(owner: type, method: str, name: str) -> None:
        original = getattr(owner, method)

        def wrapper(*args: object) -> object:
            counts[name] += 1
            return original(*args)

        monkeypatch.setattr(owner, method, wrapper)

    counted(Attention, "project", "attention")
    counted(Attention, "project_keys_values", "keys_values")
    counted(FeedForward, "__call__", "feed_forward")
    list(Session(model, chunk=8).prefill(Prepared(random_ids(17))))
    assert counts == {"attention": 2 * 4, "feed_forward": 2 * 4, "keys_values": 2}


def test_peak_memory_of_a_long_prompt_grows_with_the_chunk_and_not_with_the_prompt() -> None:
    model, peaks = random_model(), []
    for tokens in (2_001, 16_001):
        session = Session(model, chunk=500)
        session.caches.reserve(17_000)
        mx.eval(session.caches.arrays())
        mx.reset_peak_memory()
        before = mx.get_active_memory()
        list(session.prefill(Prepared(random_ids(tokens))))
        peaks.append(mx.get_peak_memory() - before)
    scores = 4 * 500 * 14_000 * 4  # what the unfused attention of one global layer needs for the longer context
    assert peaks[1] < peaks[0] + 3 * scores


def test_work_in_flight_stays_the_same_however_much_is_before_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    model, peaks, chunks = random_model(), [], []
    monkeypatch.setattr(pace, "MOST_SCORES", 4 * 512 * 2_048)
    for tokens in (2_001, 16_001):
        session = Session(model, chunk=512)
        session.caches.reserve(17_000)
        mx.eval(session.caches.arrays())
        mx.reset_peak_memory()
        before = mx.get_active_memory()
        bounds = [0, *[done for done, _ in session.prefill(Prepared(random_ids(tokens)))]]
        chunks.append({stop - start for start, stop in pairwise(bounds[:-1])})
        peaks.append(mx.get_peak_memory() - before)
    assert chunks == [{512}, {512, 256, 128, 64}]
    assert peaks[1] < 1.1 * peaks[0]


@pytest.mark.parametrize(
    ("prepared", "reason"),
    [
        (Prepared(np.zeros(0, dtype=np.int32)), "empty"),
        (Prepared(np.array([5, IMAGE, 5], dtype=np.int32)), "1 media placeholders for 0"),
        (Prepared(np.array([5, IMAGE, 5], dtype=np.int32), (random_picture(6, 3, 1),)), "for 2 soft tokens"),
        (Prepared(np.array([5, IMAGE], dtype=np.int32), (random_picture(3, 3, 1),)), "cannot end in a picture"),
    ],
)
def test_a_prompt_that_does_not_fit_is_refused_before_anything_is_appended(prepared: Prepared, reason: str) -> None:
    session = Session(random_model())
    with pytest.raises(PromptError, match=reason):
        session.prefill(prepared)
    assert session.length == 0


def test_a_picture_with_other_patches_than_its_soft_tokens_is_refused() -> None:
    prompt = picture_prompt()
    wrong = Prepared(prompt.token_ids, (prompt.media[0], random_picture(6, 9, 40)))
    wrong_count = Prepared(
        prompt.token_ids,
        (prompt.media[0], type(wrong.media[1])(wrong.media[1].patches, wrong.media[1].positions, 40, 8)),
    )
    with pytest.raises(PromptError, match="54 patches does not make 8"):
        Session(random_model()).prefill(wrong_count)
