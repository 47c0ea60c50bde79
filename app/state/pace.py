"""How long questions took on this machine until the first word, and what that says about the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAST_SPREAD = 2.0
"""How many times as long as the shortest question the longest must be to tell a start from a speed."""

FARTHEST = 10.0
"""How many times as long as anything measured a question may be whose time is told from a speed alone."""


@dataclass(frozen=True)
class Timing:
    """One question.

    Attributes:
        tokens: that had to be read.
        seconds: until the first word.
        files: it brought files, which take longer than as many words.
    """

    tokens: int
    seconds: float
    files: bool


def seconds_to_first_word(timings: Sequence[Timing], tokens: int, *, files: bool) -> float | None:
    """About how long the first word will take: a start plus so much a token, as it was with this model before.

    Questions with files are told from the others as long as both have been measured. None where nothing has been,
    or nothing like it.
    """
    alike = [timing for timing in timings if timing.files == files] or list(timings)
    if not alike:
        return None
    mean_tokens = sum(timing.tokens for timing in alike) / len(alike)
    mean_seconds = sum(timing.seconds for timing in alike) / len(alike)
    least, most = min(timing.tokens for timing in alike), max(timing.tokens for timing in alike)
    if most < LEAST_SPREAD * least:
        if tokens > FARTHEST * most:
            return None
        return mean_seconds * max(tokens / mean_tokens, 1.0)
    spread = sum((timing.tokens - mean_tokens) ** 2 for timing in alike)
    both = sum((timing.tokens - mean_tokens) * (timing.seconds - mean_seconds) for timing in alike)
    rate = max(both / spread, 0.0)
    start = mean_seconds - rate * mean_tokens
    if start < 0:  # the line falls short of nothing: what is known is the speed alone
        start, rate = 0.0, mean_seconds / mean_tokens
    return start + rate * tokens
