"""Cutting: the pieces are in order, short enough, together the whole recording, and cut where it is quiet."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_gemma4.media.cutting import BEST, GOOD_ENOUGH, OVERLAP, Piece, cut_pieces
from mlx_gemma4.media.sound import Samples
from mlx_gemma4.protocol.cost import MAX_SOUND_SAMPLES, SAMPLE_RATE
from mlx_gemma4.protocol.errors import MediaError

SECOND = SAMPLE_RATE


def noise(seconds: float, level: float = 0.1, seed: int = 1) -> Samples:
    """Sound without pauses."""
    return np.random.default_rng(seed).normal(0, level, round(seconds * SECOND)).astype(np.float32)


def speech(seconds: float, pauses: list[tuple[float, float]], level: float = 0.1, hiss: float = 0.001) -> Samples:
    """Something loud with pauses (start, length) in seconds, in which only the room is heard."""
    samples = noise(seconds, level)
    for number, (start, length) in enumerate(pauses):
        room = noise(length, hiss, seed=number)
        samples[round(start * SECOND) :][: len(room)] = room[: max(len(samples) - round(start * SECOND), 0)]
    return samples


def in_blocks(samples: Samples, size: int) -> Iterator[Samples]:
    return (samples[start : start + size] for start in range(0, len(samples), size))


def check_cover(pieces: list[Piece], samples: Samples) -> None:
    """What holds for every recording."""
    at = 0
    for number, piece in enumerate(pieces):
        assert 0 < len(piece.samples) <= MAX_SOUND_SAMPLES
        assert piece.first == at - piece.shared_before
        assert piece.shared_before == (pieces[number - 1].shared_after if number else 0)
        assert piece.shared_after in (0, OVERLAP * SECOND)
        np.testing.assert_array_equal(piece.samples, samples[piece.first : piece.first + len(piece.samples)])
        at = piece.first + len(piece.samples)
    assert at == len(samples)
    assert not pieces or pieces[-1].shared_after == 0


def cuts(samples: Samples) -> list[float]:
    pieces = list(cut_pieces(in_blocks(samples, SECOND)))
    check_cover(pieces, samples)
    return [piece.end for piece in pieces[:-1]]


@settings(max_examples=25)
@given(
    seconds=st.floats(0, 150),
    pauses=st.lists(st.tuples(st.floats(0, 150), st.floats(0.02, 20)), max_size=30),
    level=st.sampled_from([0.0, 1e-4, 0.01, 0.3]),
    block=st.integers(1000, 10 * SECOND),
)
def test_pieces_are_ordered_short_enough_and_together_everything(
    seconds: float, pauses: list[tuple[float, float]], level: float, block: int
) -> None:
    samples = speech(seconds, [pause for pause in pauses if pause[0] < seconds], level)
    pieces = list(cut_pieces(in_blocks(samples, block)))
    check_cover(pieces, samples)
    whole = list(cut_pieces([samples]))
    assert [piece.first for piece in pieces] == [piece.first for piece in whole], "blocks do not matter"


@pytest.mark.parametrize("seconds", [1 / SECOND, 0.01, 0.5, 25, 29.999, 30])
def test_what_fits_is_one_piece(seconds: float) -> None:
    assert cuts(noise(seconds)) == []


def test_nothing_is_no_piece() -> None:
    assert list(cut_pieces([])) == [] and list(cut_pieces([noise(0)])) == []


def test_it_is_cut_in_the_middle_of_the_longest_pause_at_the_best_place() -> None:
    samples = speech(40, [(12, 2), (25.5, 0.3), (26.4, 0.8), (29, 0.9)])
    assert cuts(samples) == [pytest.approx(26.8, abs=0.04)]


def test_a_pause_elsewhere_is_taken_where_there_is_none_at_the_best_place() -> None:
    assert cuts(speech(40, [(12, 3), (20, 0.5), (22, 0.3)])) == [pytest.approx(20.25, abs=0.04)]
    assert cuts(speech(40, [(1, 26)])) == [pytest.approx(22.5, abs=0.04)], "a very long one, as far as it is near"


def test_a_pause_that_is_too_early_is_not_taken() -> None:
    (cut,) = cuts(speech(40, [(5, 3), (12, 3)]))
    assert BEST[0] <= cut <= BEST[1]


@pytest.mark.parametrize("level", [0.003, 0.05, 0.3])
@pytest.mark.parametrize("hiss", [0.0, 1e-5, 1e-3, 0.01])
def test_pauses_are_found_in_loud_and_quiet_recordings_with_and_without_a_noisy_room(level: float, hiss: float) -> None:
    hiss = min(hiss, level / 10)
    samples = speech(90, [(start, 0.5) for start in range(3, 90, 4)], level, hiss)
    ends = cuts(samples)
    assert len(ends) == 3
    for end in ends:
        assert (end - 3 + 2) % 4 - 2 == pytest.approx(0.25, abs=0.05), "in the middle of a pause"


@pytest.mark.parametrize("samples", [noise(100), np.full(100 * SECOND, 0.2, np.float32)], ids=["noise", "offset"])
def test_without_contrast_nothing_is_lost_either(samples: Samples) -> None:
    pieces = list(cut_pieces([samples]))
    check_cover(pieces, samples)
    assert len(pieces) == 4


def test_constant_noise_is_cut_with_an_overlap_and_silence_without() -> None:
    pieces = list(cut_pieces([noise(70)]))
    assert [piece.shared_before > 0 for piece in pieces] == [False, True, True]
    assert pieces[1].start == pytest.approx(pieces[0].end - OVERLAP)
    assert pieces[0].next_start == pieces[1].start
    silent = list(cut_pieces([np.zeros(70 * SECOND, np.float32)]))
    assert [piece.shared_before for piece in silent] == [0, 0, 0]
    assert all(GOOD_ENOUGH[0] <= len(piece.samples) / SECOND <= GOOD_ENOUGH[1] for piece in silent[:-1])


def test_no_cut_falls_outside_its_windows() -> None:
    samples = speech(600, [(float(start), 0.4) for start in np.cumsum(np.random.default_rng(5).uniform(2, 25, 45))])
    pieces = list(cut_pieces(in_blocks(samples, SECOND)))
    check_cover(pieces, samples)
    assert all(GOOD_ENOUGH[0] <= len(piece.samples) / SECOND <= GOOD_ENOUGH[1] for piece in pieces[:-1])


def test_eight_hours_are_cut_in_flat_memory() -> None:
    pattern = speech(60, [(float(start), 0.5) for start in range(2, 60, 5)])

    def eight_hours() -> Iterator[Samples]:
        for _ in range(8 * 60):
            yield from in_blocks(pattern, 10 * SECOND)

    tracemalloc.start()
    count, at, longest = 0, 0, 0
    for piece in cut_pieces(eight_hours()):
        assert piece.first == at - piece.shared_before
        count, at, longest = count + 1, piece.first + len(piece.samples), max(longest, len(piece.samples))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert at == 8 * 3600 * SECOND and longest <= MAX_SOUND_SAMPLES
    assert 8 * 120 <= count <= 8 * 150
    assert peak < 30_000_000, "the whole would be 1.8 GB"


def test_what_came_before_damage_is_still_a_piece() -> None:
    def blocks() -> Iterator[Samples]:
        yield from in_blocks(noise(40), SECOND)
        raise MediaError("It breaks off.")

    pieces: list[Piece] = []
    with pytest.raises(MediaError, match="breaks off"):
        pieces += cut_pieces(blocks())  # what has been yielded is in the list, in spite of the error
    check_cover(pieces, noise(40))
