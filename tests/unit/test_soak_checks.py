"""The soak's own checks notice what they are for."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from mlx_gemma4.media.cutting import cut_pieces
from mlx_gemma4.media.sound import open_sound
from mlx_gemma4.protocol.events import TranscriptSegment
from tests.soak import speech
from tests.soak.checks import check_joint, check_segments, growth, peaks

GOOD = [TranscriptSegment(0, 10, "a"), TranscriptSegment(10, 10, ""), TranscriptSegment(10, 60, "b")]


def test_good_segments_pass_and_gaps_overlaps_and_a_missing_end_do_not() -> None:
    check_segments(GOOD, 60)
    late, gap = TranscriptSegment(1, 10, "a"), TranscriptSegment(11, 60, "b")
    overlap, backwards = TranscriptSegment(9, 60, "b"), TranscriptSegment(10, 5, "b")
    for bad in ([], [late, GOOD[2]], [GOOD[0], gap], [GOOD[0], overlap], [GOOD[0], backwards, GOOD[2]], GOOD[:1]):
        with pytest.raises(AssertionError):
            check_segments(bad, 60)


def test_a_word_that_is_said_twice_or_not_at_all_at_the_joint_is_noticed() -> None:
    segments = [TranscriptSegment(10.0 * piece, 10.0 * piece + 10, f"word{piece}", piece=piece) for piece in range(6)]
    check_joint(segments, 3, segments[1:])
    twice, none = (TranscriptSegment(30.0, 40.0, text, piece=3) for text in ("word2 word3", ""))
    for bad in (twice, none):
        with pytest.raises(AssertionError, match="at the joint"):
            check_joint([*segments[:3], bad, *segments[4:]], 3, segments)
    with pytest.raises(AssertionError, match="not heard again"):
        check_joint(segments, 3, segments[4:])


def test_growth_is_that_of_the_peaks_after_the_first_period() -> None:
    readings = [(0.0, 900), (4.9, 150), (5.1, 200), (5.2, 220), (9.0, 180), (12.0, 210), (30.0, 260), (60.0, 210)]
    assert peaks(readings) == [900, 220, 210, 260, 210]
    assert growth(peaks(readings)) == 40
    assert growth([900, 220, 100]) == 0


@pytest.mark.parametrize("found", ["/usr/bin/espeak-ng", None])
def test_the_recording_has_its_length_and_pauses_to_cut_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str | None
) -> None:
    monkeypatch.setattr(speech.shutil, "which", lambda _: found)
    if found and not Path(found).is_file():
        pytest.skip("espeak-ng is not installed")
    speech.write_speech(tmp_path / "a.wav", 2.0)
    with wave.open(str(tmp_path / "a.wav")) as written:
        assert written.getnframes() == 120 * speech.RATE
    pieces = list(cut_pieces(open_sound(tmp_path / "a.wav").blocks()))
    assert len(pieces) >= 5 and not any(piece.shared_after for piece in pieces)
    assert np.concatenate([piece.samples for piece in pieces]).std() > 0.01
