"""Sampling keeps exactly the tokens that a plain reference keeps, in its order, with its probabilities."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.generation.sampling import (
    Choice,
    Draw,
    apply_top_k,
    apply_top_p,
    best_by_blocks,
    best_by_sorting,
    chooser,
    without,
)
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings


def reference(logits: np.ndarray, temperature: float, top_k: int, top_p: float) -> dict[int, float]:
    """Probabilities of the ids that stay: temperature, then top-k, then top-p, by sorting everything (in float64)."""
    scores = logits.astype(np.float64) / temperature
    kept = np.argsort(-scores, kind="stable")[: top_k or None]
    weights = np.exp(scores[kept] - scores[kept[0]])
    weights /= weights.sum()
    count = int(np.sum(np.cumsum(weights) - weights < top_p)) if top_p < 1 else len(kept)
    return dict(zip(kept[:count].tolist(), weights[:count] / weights[:count].sum(), strict=True))


def kept_by_us(logits: np.ndarray, temperature: float, top_k: int, top_p: float, by: str) -> dict[int, float]:
    best = best_by_blocks if by == "blocks" else best_by_sorting
    falling, ids = best(mx.array(logits))
    kept = apply_top_k(falling / temperature, mx.array(top_k or len(logits)))
    kept = apply_top_p(kept, mx.array(top_p, dtype=mx.float32))
    probabilities = mx.softmax(kept)
    pairs = zip(ids.tolist(), kept.tolist(), probabilities.tolist(), strict=True)
    return {token_id: probability for token_id, value, probability in pairs if value > -np.inf}


@pytest.mark.parametrize("vocabulary", [50, 300, 8192, 8193, 20_000, 262_144])
@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(1.0, 64, 0.95), (0.7, 1, 0.9), (1.5, 40, 1.0), (1.0, 13, 0.2), (2.0, 64, 0.999)],
)
def test_block_top_k_then_top_p_keeps_what_sorting_everything_keeps(
    vocabulary: int, temperature: float, top_k: int, top_p: float
) -> None:
    logits = np.random.default_rng(vocabulary).normal(0, 3, vocabulary).astype(np.float32)
    expected = reference(logits, temperature, top_k, top_p)
    got = kept_by_us(logits, temperature, top_k, top_p, "blocks")
    assert got.keys() == expected.keys()
    for token_id, probability in expected.items():
        assert got[token_id] == pytest.approx(probability, abs=1e-6)


@pytest.mark.parametrize("top_k", [0, 65, 1000])
def test_larger_k_is_exact_too(top_k: int) -> None:
    logits = np.random.default_rng(3).normal(0, 2, 5000).astype(np.float32)
    expected = reference(logits, 1.0, top_k, 0.9)
    assert kept_by_us(logits, 1.0, top_k, 0.9, "sorting").keys() == expected.keys()


def test_all_large_logits_in_one_block_are_found() -> None:
    logits = np.zeros(20_000, dtype=np.float32)
    logits[256:320] = np.arange(64) + 5
    assert set(kept_by_us(logits, 1.0, 64, 1.0, "blocks")) == set(range(256, 320))


def test_top_p_keeps_the_first_token_however_small_it_is() -> None:
    assert mx.isfinite(apply_top_p(mx.array([1.0, 0.9, 0.8]), mx.array(1e-6))).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("settings", "choice"),
    [
        (GREEDY, Choice.GREEDY),
        (SamplingSettings(), Choice.BLOCK_TOP_K),
        (SamplingSettings(top_k=1), Choice.BLOCK_TOP_K),
        (SamplingSettings(top_k=65), Choice.SORTED),
        (SamplingSettings(top_k=0), Choice.SORTED),
    ],
)
def test_the_cheapest_exact_way_is_chosen(settings: SamplingSettings, choice: Choice) -> None:
    assert Choice.of(settings) is choice


@pytest.mark.parametrize("settings", [SamplingSettings(0.8, 5, 0.9, 1), SamplingSettings(0.8, 0, 0.6, 1)])
def test_draws_follow_the_probabilities(settings: SamplingSettings) -> None:
    logits = np.random.default_rng(8).normal(0, 1.5, 300).astype(np.float32)
    expected = reference(logits, settings.temperature, settings.top_k, settings.top_p)
    choose, draw, counts = chooser(Choice.of(settings)), Draw.of(settings, 300), np.zeros(300)
    array, draws = mx.array(logits), 3000
    chosen = []
    for _ in range(draws):
        token, draw = choose(array, draw)
        chosen.append(token)
    for token_id in mx.stack(chosen).tolist():
        counts[token_id] += 1
    assert set(np.flatnonzero(counts)) <= set(expected)
    for token_id, probability in expected.items():
        spread = np.sqrt(probability * (1 - probability) / draws)
        assert abs(counts[token_id] / draws - probability) < 5 * spread


@pytest.mark.parametrize("vocabulary", [300, 20_000])
@pytest.mark.parametrize(
    "settings", [GREEDY, SamplingSettings(top_k=2, top_p=1.0), SamplingSettings(top_k=0)], ids=["greedy", "k", "all"]
)
def test_suppressed_ids_are_never_chosen_however_likely(vocabulary: int, settings: SamplingSettings) -> None:
    logits = np.zeros(vocabulary, dtype=np.float32)
    logits[[7, 290]] = 50.0, 40.0
    logits[8] = 30.0
    choose, draw = chooser(Choice.of(settings), (7, 290, 10**6)), Draw.of(settings, vocabulary)
    for _ in range(20):
        chosen, draw = choose(mx.array(logits), draw)
        assert chosen.item() == 8


def test_other_logits_stay_exactly_as_they_are_beside_suppressed_ones() -> None:
    logits = mx.random.normal((500,), key=mx.random.key(0)).astype(mx.bfloat16)
    left = without(logits, [3])
    assert left.dtype == mx.bfloat16
    assert [position for position in range(500) if left[position].item() != logits[position].item()] == [3]
    assert left[3].item() == -np.inf


def test_the_logits_that_a_step_gives_out_are_the_models() -> None:
    logits = mx.array([1.0, 2.0, 3.0])
    chosen, _ = chooser(Choice.LOGITS, [2])(logits, Draw.of(GREEDY, 3))
    assert chosen.tolist() == [1.0, 2.0, 3.0]
