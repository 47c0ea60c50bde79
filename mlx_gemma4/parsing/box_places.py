"""Which page or frame a box is on, where the model's own words say so.

Gemma's format of boxes has no field for it: the pages of a document and the frames of a clip are pictures one after
the other, only the frames with their times before them. Models that are asked for it write it anyway: as another field
of the box or of the object around it, or in the line above the list. Words that name two places name none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SHEET_KEYS = ("page", "page_number", "frame", "frame_number", "image", "slide")
_TIME_KEYS = ("time", "timestamp", "seconds", "time_seconds")
_FIELD = re.compile(r'"(\w+)"\s*:\s*("[^"\n]*"|\d+(?:\.\d+)?)')
_SHEET_WORDS = re.compile(
    r"\b(?:pages?|slide|frame|image|picture)\s*(?:number|no\.?|#|:)?\s*(\d{1,4})\b", re.IGNORECASE
)
_CLOCK = re.compile(r"(?<![\d:])(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d(?:\.\d+)?)(?!\d|:\d)")
_SECONDS = re.compile(r"\b(\d{1,5}(?:\.\d+)?)\s?(?:s|sec|secs|seconds?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class BoxPlace:
    """Where a box is.

    Attributes:
        sheet: page or frame, counted from 1; None if no words say so.
        seconds: time of the frame; None likewise.
    """

    sheet: int | None = None
    seconds: float | None = None

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return self.sheet is not None or self.seconds is not None


NOWHERE = BoxPlace()


def place_in_fields(fields: Mapping[str, object]) -> BoxPlace:
    """What the fields of an object say."""
    sheet = next((_number(fields[key]) for key in _SHEET_KEYS if key in fields), None)
    seconds = next((_seconds(fields[key]) for key in _TIME_KEYS if key in fields), None)
    return BoxPlace(sheet, seconds)


def place_in_open_object(text: str) -> BoxPlace:
    """What the fields say that an object begins with, of which the rest is still to come."""
    return place_in_fields({key: value.strip('"') for key, value in _FIELD.findall(text)})


def place_in_words(line: str) -> BoxPlace:
    """What a line above a list says."""
    sheets = {int(number) for number in _SHEET_WORDS.findall(line)} - {0}
    times = {_clock(*groups) for groups in _CLOCK.findall(line)} or {float(number) for number in _SECONDS.findall(line)}
    return BoxPlace(
        sheets.pop() if len(sheets) == 1 else None,
        times.pop() if len(times) == 1 else None,
    )


def _number(value: object) -> int | None:
    """A count from 1; a string may have words around it."""
    if isinstance(value, str):
        digits = re.findall(r"\d+", value)
        value = int(digits[0]) if len(digits) == 1 and len(digits[0]) < 5 else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 1 or value != int(value):
        return None
    return int(value)


def _seconds(value: object) -> float | None:
    if isinstance(value, str):
        clock = _CLOCK.search(value)
        if clock:
            return _clock(*clock.groups(""))
        plain = re.fullmatch(r"\s*(\d{1,5}(?:\.\d+)?)\s*(?:s|sec|seconds?)?\s*", value)
        return float(plain[1]) if plain else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e6:
        return None
    return float(value)


def _clock(hours: str, minutes: str, seconds: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)
