"""What must hold of an hour's transcript and of the process that made it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from mlx_gemma4.protocol.events import TranscriptSegment

WARM_MINUTES = 5.0
MOST_GROWTH = 50_000_000

Reading = tuple[float, int]
"""Minutes of the recording that have been transcribed, and the process's resident bytes then."""


def check_segments(segments: Sequence[TranscriptSegment], seconds: float) -> None:
    """From 0 to the end of the recording, in order and without a gap.

    Raises:
        AssertionError: they are not; the message names the place.
    """
    assert segments and segments[0].start == 0, "the first segment does not begin at 0"
    for one, other in pairwise(segments):
        assert one.start <= one.end == other.start, f"not in order or with a gap: {one} and {other}"
    assert abs(segments[-1].end - seconds) < 0.01, f"it ends at {segments[-1].end} of {seconds} seconds"


def check_joint(segments: Sequence[TranscriptSegment], joint: int, unstopped: Sequence[TranscriptSegment]) -> None:
    """Where it was stopped and gone on with, before the piece `joint`, the same is said as `unstopped`.

    Raises:
        AssertionError: it is not, or there is nothing to compare.
    """
    pieces = range(joint - 1, joint + 1)
    stopped, same = ([one for one in said if one.piece in pieces] for said in (segments, unstopped))
    assert {one.piece for one in same} == set(pieces), "the pieces around the joint were not heard again"
    assert stopped == same, f"at the joint {stopped} is said and not {same}"


def peaks(readings: Sequence[Reading], minutes: float = WARM_MINUTES) -> list[int]:
    """The highest reading of every so many minutes: hearing a piece takes tens of megabytes and gives them back."""
    highest: dict[int, int] = {}
    for at, memory in readings:
        period = int(at / minutes)
        highest[period] = max(highest.get(period, 0), memory)
    return [highest[period] for period in sorted(highest)]


def growth(peaks_by_period: Sequence[int]) -> int:
    """By how many bytes the process's peak grew after the first period, in which it warms up, at most."""
    first, *later = peaks_by_period[1:]
    return max([first, *later]) - first
