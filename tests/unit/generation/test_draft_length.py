"""How far ahead to guess follows what was right and what it took."""

from __future__ import annotations

import random

from mlx_gemma4.generation.draft_length import DraftLength


def settled(acceptance: float, block: float, rounds: int = 200) -> tuple[DraftLength, list[int]]:
    """After so many rounds in which a plain step takes 1 and a block 1 + `block` for each guess."""
    draws, length, counts = random.Random(3), DraftLength(), []
    for _ in range(rounds):
        count = length.next()
        counts.append(count)
        if count == 0:
            tokens = length.pause()
            length.plain_took(tokens, float(tokens))
            continue
        right = next((place for place in range(count) if draws.random() > acceptance), count)
        length.took(count, right, 1 + block * count)
    return length, counts


def test_right_guesses_become_long_ones() -> None:
    length, counts = settled(0.97, 0.1)
    assert length.acceptance > 0.8
    assert counts[-40:].count(5) > 30


def test_guesses_that_are_often_wrong_stay_short() -> None:
    counts = settled(0.5, 0.15)[1][-100:]
    assert 0 < sum(counts) / len(counts) < 3


def test_what_does_not_pay_is_left_and_seldom_tried_again() -> None:
    length, counts = settled(0.05, 0.6)
    assert counts[-60:].count(0) > 15
    tokens = 0
    plain = 0
    for _ in range(60):
        count = length.next()
        if count == 0:
            pause = length.pause()
            plain, tokens = plain + pause, tokens + pause
            length.plain_took(pause, float(pause))
        else:
            length.took(count, 0, 1 + 0.6 * count)
            tokens += 1
    assert plain / tokens > 0.95


def test_plain_steps_are_measured_before_anything_is_decided() -> None:
    length = DraftLength()
    assert length.next() == 2
    length.took(2, 1, 1.3)
    assert length.next() == 0 and length.pause() == 8
    length.plain_took(8, 8.0)
    assert length.next() > 0
