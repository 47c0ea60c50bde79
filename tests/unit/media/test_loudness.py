"""Loudness: what is loud, where it is quiet, and when how much has been said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.media.loudness import FRAME, Loudness
from mlx_gemma4.protocol.cost import SAMPLE_RATE
from tests.unit.media.sound_files import Samples, tone


def two_words() -> Samples:
    """One second of quiet, two loud, three quiet, two loud, two quiet."""
    still = np.zeros(SAMPLE_RATE, np.float32)
    word = tone(2)
    return np.concatenate([still, word, still, still, still, word, still, still])


def test_pauses_are_runs_of_quiet_frames() -> None:
    found = [(run.start / 50, run.stop / 50) for run in Loudness(two_words()).pauses(0.5)]
    assert found == [(0, 1), (3, 6), (8, 10)]
    assert [run.start / 50 for run in Loudness(two_words()).pauses(1.5)] == [3, 8]


@pytest.mark.parametrize(
    ("second", "share"),
    [(0, 0), (1, 0), (2, 0.25), (3, 0.5), (4.5, 0.5), (6, 0.5), (7, 0.75), (8, 1), (10, 1), (99, 1)],
)
def test_shares_grow_only_while_something_is_said(second: float, share: float) -> None:
    assert Loudness(two_words()).share_until(second) == pytest.approx(share)


@pytest.mark.parametrize(("share", "second"), [(0, 0.5), (0.25, 2), (0.4, 2.6), (0.5, 4.5), (0.75, 7), (1, 9)])
def test_a_moment_in_a_pause_is_its_middle(share: float, second: float) -> None:
    assert Loudness(two_words()).moment_of(share) == pytest.approx(second, abs=0.02)


def test_in_silence_time_itself_is_shared_out() -> None:
    silence = Loudness(np.zeros(4 * SAMPLE_RATE, np.float32))
    assert silence.share_until(1) == 0.25 and silence.moment_of(0.25) == 1


def test_a_constant_offset_is_silence() -> None:
    assert not Loudness(np.full(SAMPLE_RATE, 0.3, np.float32)).loud_F.any()


def test_a_part_of_a_frame_counts() -> None:
    assert len(Loudness(tone(0.05)).loud_F) == 3 and len(Loudness(tone(0.05)[: FRAME + 1]).loud_F) == 2
    assert len(Loudness(tone(0)).loud_F) == 1


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_moments_are_in_order_and_within_the_sound(parts: list[bool], shares: list[float]) -> None:
    samples = np.concatenate([tone(0.1) if loud else np.zeros(1600, np.float32) for loud in parts])
    loudness = Loudness(samples)
    moments = [loudness.moment_of(share) for share in sorted(shares)]
    assert moments == sorted(moments)
    assert moments[0] >= 0 and moments[-1] <= len(samples) / SAMPLE_RATE + 1e-9
