"""Writes many tensor names in few words, none left out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

_NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")


def compact_names(names: Iterable[str]) -> str:
    """Names joined by commas; those that differ in their first number only share one entry: `layers.{0-3,7}.norm`."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for name in names:
        match = _NUMBER.search(name)
        pattern = name if match is None else f"{name[: match.start()]}{{}}{name[match.end() :]}"
        numbers[pattern].append(-1 if match is None else int(match[0]))
    return ", ".join(pattern.replace("{}", _ranges(sorted(found)), 1) for pattern, found in numbers.items())


def _ranges(numbers: list[int]) -> str:
    """3 → "3"; 1, 2, 3, 7 → "{1-3,7}"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    written = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
    return written if len(numbers) == 1 else f"{{{written}}}"
