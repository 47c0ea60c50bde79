"""Pace: chunks follow the speed, in steps, between bounds."""

from __future__ import annotations

import pytest

from mlx_gemma4.generation.pace import LEAST_TOKENS, ChunkPace
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
