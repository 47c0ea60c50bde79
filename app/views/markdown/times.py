"""Times in an answer's words: `0:03`, `00:03–00:05`, `at 3.2 s`, `between 3 and 5 seconds`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SCHEME = "moment"
_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:[0-5]\d(?:[.,]\d+)?"
_CLOCKS = rf"(?<![\w:.,/])(?P<clock>{_CLOCK})(?:\s?(?:–|—|-|to|until)\s?{_CLOCK})?(?![\w:/]|[.,]\d)"
_NUMBER = r"\d+(?:\.\d+)?"
_UNIT = r"\s?(?:s|secs?|seconds?)\b"
_LEAD = r"\b(?:at|from|between|after|before|until|till|around|near)\s(?:about\s|around\s|~\s?)?(?:the\s)?"
_COUNT = rf"{_LEAD}(?P<words>(?P<number>{_NUMBER})(?:{_UNIT})?\s?(?:–|—|-|to|and|until)\s?{_NUMBER}{_UNIT}"
_TIME = re.compile(
    rf"{_CLOCKS}(?!\s?(?:[ap]\.?m\b|o['’]clock))|{_COUNT}|(?P<single>{_NUMBER}){_UNIT})", re.IGNORECASE
)  # of one o'clock, a recording knows nothing


@dataclass(frozen=True)
class FoundTime:
    """Where it stands in the words, and when it is or begins, in seconds."""

    start: int
    end: int
    seconds: float


def times_in(words: str) -> Iterator[FoundTime]:
    """All of them, in order; of a stretch, its beginning counts."""
    for found in _TIME.finditer(words):
        if found["clock"]:
            yield FoundTime(*found.span(), _seconds(found["clock"]))
        else:
            yield FoundTime(*found.span("words"), float(found["number"] or found["single"]))


def address_of(seconds: float) -> str:
    """What a link to a moment is."""
    return f"{SCHEME}:{seconds:g}"


def moment_of(address: str) -> float | None:
    """The moment that an address names; None for any other."""
    scheme, _, rest = address.partition(":")
    try:
        return float(rest) if scheme == SCHEME else None
    except ValueError:
        return None


def _seconds(clock: str) -> float:
    total = 0.0
    for part in clock.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total
