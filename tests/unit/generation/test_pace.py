"""Pace: chunks follow the speed, in steps, between bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.generation import pace as pace_of_chunks
from mlx_gemma4.generation.pace import LEAST_TOKENS, ChunkPace, fitting, largest_chunks
from mlx_gemma4.generation.prefill import chunk_bounds


@pytest.mark.parametrize(
    ("seconds", "tokens"),
    [(0.3, 512), (0.31, 256), (0.59, 256), (1.0, 128), (2.0, 64), (100.0, LEAST_TOKENS), (0.001, 512)],
)
def test_a_chunk_shrinks_until_it_fits_the_time(seconds: float, tokens: int) -> None:
    pace = ChunkPace(512, 0.3)
    pace.took(512, seconds)
    assert pace.tokens == tokens


def test_chunks_grow_again_when_they_are_read_faster() -> None:
    pace = ChunkPace(512, 0.3)
    pace.took(512, 5.0)
    pace.took(LEAST_TOKENS, 0.01)
    assert pace.tokens == 2 * LEAST_TOKENS
    pace.took(2 * LEAST_TOKENS, 0.02)
    assert pace.tokens == 4 * LEAST_TOKENS


def test_a_chunk_that_a_larger_one_would_hardly_fit_beside_stays_as_it_is() -> None:
    pace = ChunkPace(512, 0.3)
    pace.took(512, 1.0)
    pace.took(128, 0.09)
    assert pace.tokens == 128


def test_a_few_tokens_say_nothing_about_many() -> None:
    pace = ChunkPace(512, 0.3)
    pace.took(3, 0.2)
    assert pace.tokens == 512


def test_without_a_time_the_size_stays() -> None:
    pace = ChunkPace(10)
    pace.took(512, 100.0)
    assert pace.tokens == 10


def test_a_prompt_is_cut_by_the_pace_of_the_moment() -> None:
    pace = ChunkPace(100, 0.3)
    bounds = chunk_bounds(300, pace, [range(150, 200)])
    first = next(bounds)
    pace.took(100, 0.9)
    assert [first, *bounds] == [
        (0, 100),
        (100, 132),
        (132, 150),
        (150, 200),
        (200, 232),
        (232, 264),
        (264, 296),
        (296, 300),
    ]


def test_a_chunk_shrinks_as_what_is_before_it_grows() -> None:
    assert fitting(512, 32_768 - 512, query_heads=8) == 512
    assert fitting(512, 32_768 - 511, query_heads=8) == 256
    assert fitting(500, 100_000, query_heads=8) == 128
    assert fitting(512, 10**6, query_heads=32) == fitting(LEAST_TOKENS, 10**6, query_heads=32) == LEAST_TOKENS
    assert fitting(5, 10**9, query_heads=32) == 5, "a few tokens are never cut"


@given(st.integers(1, 600), st.integers(1, 6_000), st.integers(1, 8), st.integers(0, 3_000))
def test_no_chunk_is_larger_or_farther_than_was_predicted(most: int, tokens: int, heads: int, earlier: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace_of_chunks, "MOST_SCORES", 1 << 19)
        predicted = largest_chunks(most, earlier + tokens, heads)
        chunks = list(chunk_bounds(tokens, ChunkPace(most), [], earlier=earlier, query_heads=heads))
    for start, stop in chunks:
        assert any(stop - start <= rows and earlier + stop <= before + rows for rows, before in predicted)
    for rows, before in predicted:
        assert rows <= LEAST_TOKENS or heads * rows * (before + rows) <= 1 << 19
