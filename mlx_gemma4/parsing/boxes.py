"""Boxes out of streamed text: each is reported when its JSON object closes.

Any object with a `box_2d` key counts, wherever it stands: in a fenced list, unfenced, alone, inside another object.
The text itself is not changed here, so a box that cannot be read loses nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import cast

from mlx_gemma4.parsing.box_places import NOWHERE, BoxPlace, place_in_fields, place_in_open_object, place_in_words
from mlx_gemma4.protocol.events import Box, BoxFound, Unparsed

_GRID = 1000
_KEY = '"box_2d"'
_OBJECT_THAT_STARTS_WITH_THE_KEY = re.compile(r'\{\s*"box_2d"\Z')
_LONGEST_LINE = 200  # of words above a list; what is longer is no heading


@dataclass
class _OpenObject:
    start: int
    has_box: bool = False
    place: BoxPlace | None = None  # of what is in it; known once another object opens inside


class _Heading:
    """The last line of words outside objects: what it says holds for the list under it."""

    def __init__(self) -> None:
        self._line = ""
        self._before = ""

    def feed(self, character: str) -> None:
        """One more character outside objects."""
        if character != "\n":
            self._line += character if len(self._line) < _LONGEST_LINE else ""
            return
        if self._has_words:
            self._before = self._line
        self._line = ""

    @property
    def place(self) -> BoxPlace:
        """What it says."""
        return place_in_words(self._line if self._has_words else self._before)

    @property
    def _has_words(self) -> bool:
        return any(map(str.isalnum, self._line)) and not self._line.lstrip().startswith("```")


class BoxScanner:
    """Reads an answer character by character, so that how it was cut into pieces makes no difference."""

    def __init__(self, media_index: int = 0) -> None:
        """Report boxes as being on the picture of this index."""
        self._media_index = media_index
        self._text = ""  # from the outermost open object on
        self._open: list[_OpenObject] = []
        self._heading = _Heading()
        self._in_string = False
        self._escaped = False

    def feed(self, text: str) -> list[BoxFound | Unparsed]:
        """The boxes, and broken boxes, that close in this piece."""
        found: list[BoxFound | Unparsed] = []
        for character in text:
            if not self._open and character != "{":
                self._heading.feed(character)
                continue
            self._text += character
            found += self._step(character)
            if not self._open:
                self._text = ""
        return found

    def finish(self) -> list[BoxFound | Unparsed]:
        """Boxes that were begun and never closed."""
        found = self._give_up(len(self._text))
        self._text = ""
        return found

    def _step(self, character: str) -> list[BoxFound | Unparsed]:
        if character == '"' and not self._escaped and self._text.endswith(_KEY):
            return self._key_closed()
        if self._in_string:
            self._step_in_string(character)
        elif character == '"':
            self._in_string = True
        elif character == "{":
            if self._open and self._open[-1].place is None:
                self._open[-1].place = place_in_open_object(self._text[self._open[-1].start : -1])
            self._open.append(_OpenObject(len(self._text) - 1))
        elif character == "}":
            return self._close(self._open.pop())
        return []

    def _step_in_string(self, character: str) -> None:
        if self._escaped:
            self._escaped = False
        elif character == "\\":
            self._escaped = True
        elif character in '"\n':  # JSON strings hold no line breaks: a forgotten quote spoils one line at most
            self._in_string = False

    def _key_closed(self) -> list[BoxFound | Unparsed]:
        """`"box_2d"` is complete. Right after a `{` it begins an object even if a quote was forgotten before it."""
        self._in_string = False
        match = _OBJECT_THAT_STARTS_WITH_THE_KEY.search(self._text)
        if match is None or self._open[-1].start == match.start():
            self._open[-1].has_box = True
            return []
        broken = self._give_up(match.start())
        self._text = self._text[match.start() :]
        self._open = [_OpenObject(0, has_box=True)]
        return broken

    def _close(self, closed: _OpenObject) -> list[BoxFound | Unparsed]:
        if not closed.has_box:
            return []
        raw = self._text[closed.start :]
        try:
            values = json.loads(raw)
        except (ValueError, RecursionError):
            return [Unparsed("box", raw)]
        if "box_2d" not in values:
            return []  # it was a value, not a key
        box = _read_box(values["box_2d"])
        if box is None:
            return [Unparsed("box", raw)]
        label = values.get("label", "")
        label = label if isinstance(label, str) else json.dumps(label)
        place = self._place(values)
        return [BoxFound(box, label, self._media_index, place.sheet, place.seconds)]

    def _place(self, values: dict[str, object]) -> BoxPlace:
        """As its own fields say, or those of the objects around it, the nearest first, or the words above."""
        around = (entry.place or NOWHERE for entry in reversed(self._open))
        return place_in_fields(values) or next(filter(None, around), None) or self._heading.place

    def _give_up(self, end: int) -> list[BoxFound | Unparsed]:
        """All open objects end here, broken; of those inside each other the outermost with a box is reported."""
        broken = [entry for entry in self._open if entry.has_box][:1]
        self._open, self._in_string, self._escaped = [], False, False
        return [Unparsed("box", self._text[entry.start : end]) for entry in broken]


def _read_box(value: object) -> Box | None:
    """Four numbers on the grid, in order; models sometimes swap a minimum and a maximum."""
    if not isinstance(value, list) or len(cast("list[object]", value)) != 4:
        return None
    numbers: list[int] = []
    for number in cast("list[object]", value):
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= _GRID:
            return None
        numbers.append(round(number))
    y1, x1, y2, x2 = numbers
    return min(y1, y2), min(x1, x2), max(y1, y2), max(x1, x2)
