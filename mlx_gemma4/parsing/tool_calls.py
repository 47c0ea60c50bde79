"""Gemma 4's tool-call notation to names and arguments, forgiving what models get wrong.

`call:name{key:value,…}`: keys are bare, strings stand between string markers and are raw. Also taken: several calls in
one block, `call:name(key=value)`, quoted keys, ordinary double quotes, bare words, spaces and trailing commas, and
closing braces forgotten at the end.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass

from mlx_gemma4.parsing.channels import STRING_MARK
from mlx_gemma4.protocol.json_values import Json, JsonObject

_MAX_DEPTH = 64
_NAME = re.compile(r"(?:call\s*:)?\s*([^{}()\[\],]*\([^{}()=:]*\)(?=\s*\{)|[^{}()\[\],]+?(?=\s*[{(]))\s*")
_KEY = re.compile(r"[^:={}\[\](),\ud800]+")
_WORD = re.compile(r"[^{}\[\](),\ud800]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None, "none": None}
_CLOSERS = {"{": "}", "(": ")", "[": "]"}


@dataclass(frozen=True)
class ToolCall:
    """A function's name and the arguments it is to be called with."""

    name: str
    arguments: JsonObject


class MalformedCallError(ValueError):
    """The text cannot be read as a call."""


def parse_tool_calls(text: str, *, complete: bool = True) -> tuple[list[ToolCall], str]:
    """The calls in one block, and the rest of the text from where it stops making sense (empty if it never does).

    Args:
        text: what stood between the markers, string markers as `STRING_MARK`.
        complete: the model ended the block or its turn by itself, so braces that are missing at the end were
            forgotten; otherwise it was cut off, and a call without its end is not a call.
    """
    calls: list[ToolCall] = []
    position = 0
    while text[position:].strip(" \n\t,;"):
        reader = _Reader(text, position, complete)
        try:
            calls.append(reader.read_call())
        except MalformedCallError:
            return calls, text[position:]
        position = reader.position
    return calls, ""


class _Reader:
    """A position in the text, moved by reading."""

    def __init__(self, text: str, position: int, complete: bool) -> None:
        self.text = text
        self.position = position
        self._complete = complete

    def read_call(self) -> ToolCall:
        while self._peek() in (",", ";"):
            self.position += 1
        match = _NAME.match(self.text, self.position)
        if match is None or match[1].strip().endswith(":"):  # a call: without a name
            raise MalformedCallError
        self.position = match.end()
        return ToolCall(match[1].strip(), self._read_object(0))

    def _peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1
        return self.text[self.position : self.position + 1]

    def _at_end_of(self, closer: str) -> bool:
        """Step over separators, and over the closer if it is next; a closer missing at the very end counts as there."""
        while self._peek() == ",":
            self.position += 1
        if self._peek() == closer:
            self.position += 1
            return True
        if not self._peek():
            if self._complete:
                return True
            raise MalformedCallError
        return False

    def _read_object(self, depth: int) -> JsonObject:
        closer = _CLOSERS[self._peek()]
        self.position += 1
        values: JsonObject = {}
        while not self._at_end_of(closer):
            key = self._read_key()
            values[key] = self._read_value(depth + 1)
        return values

    def _read_list(self, depth: int) -> list[Json]:
        self.position += 1
        values: list[Json] = []
        while not self._at_end_of("]"):
            values.append(self._read_value(depth + 1))
        return values

    def _read_key(self) -> str:
        key = self._read_quoted()
        if key is None:
            match = _KEY.match(self.text, self.position)
            if match is None:
                raise MalformedCallError
            self.position = match.end()
            key = match[0].strip()
        if self._peek() not in (":", "="):
            raise MalformedCallError
        self.position += 1
        return key

    def _read_value(self, depth: int) -> Json:
        if depth > _MAX_DEPTH:
            raise MalformedCallError
        opened = self._peek()
        if opened == "{":
            return self._read_object(depth)
        if opened == "[":
            return self._read_list(depth)
        quoted = self._read_quoted()
        return self._read_word() if quoted is None else quoted

    def _read_quoted(self) -> str | None:
        """A string between string markers, raw, or between double quotes, with JSON's escapes."""
        opened = self._peek()
        if opened == STRING_MARK:
            end = self.text.find(STRING_MARK, self.position + 1)
            if end < 0:
                raise MalformedCallError
            value = self.text[self.position + 1 : end]
            self.position = end + 1
            return value
        if opened == '"':
            match = _QUOTED.match(self.text, self.position)
            if match is None:
                raise MalformedCallError
            self.position = match.end()
            try:
                return str(json.loads(match[0], strict=False))
            except ValueError:
                return match[0][1:-1]
        return None

    def _read_word(self) -> Json:
        match = _WORD.match(self.text, self.position)
        word = match[0].strip() if match else ""
        if match is None or not word:
            raise MalformedCallError
        self.position = match.end()
        if word.lower() in _WORDS:
            return _WORDS[word.lower()]
        return _number(word) if _NUMBER.fullmatch(word) else word


def _number(word: str) -> Json:
    """An integer or a finite float; what would be infinite, or is absurdly long, stays text."""
    try:
        value = float(word) if any(sign in word for sign in ".eE") else int(word)
    except ValueError:
        return word
    return value if isinstance(value, int) or math.isfinite(value) else word
