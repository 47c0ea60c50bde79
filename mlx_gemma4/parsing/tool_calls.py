"""Gemma 4's tool-call notation to names and arguments, forgiving what models get wrong.

`call:name{key:value,…}`: keys are bare, strings stand between string markers and are raw. Also taken: several calls in
one block, `call:name(key=value)`, `call` left out, JSON with `name` and `arguments`, quoted keys, ordinary quotes, bare
words, doubled braces, spaces and trailing commas, and closing braces forgotten at the end.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection
from dataclasses import dataclass

from mlx_gemma4.parsing.channels import STRING_MARK, spelled
from mlx_gemma4.protocol.json_values import Json, JsonObject

_MAX_DEPTH = 64
_NAME = re.compile(r"(?:call(?=\s*:))?[\s:]*([^{}()\[\],\n]*\([^{}()=:\n]*\)(?=\s*\{)|[^{}()\[\],\n]+?(?=\s*[{(]))\s*")
_KEY = re.compile(r"[^:={}\[\](),\ud800]+")
_WORD = re.compile(r"[^{}\[\](),\ud800]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SINGLE_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'(?=\s*(?:[,;:)}\]]|\Z))", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None, "none": None}
_NAMESPACE_MARKS = (":", ".", "/")
_CLOSERS = {"{": "}", "(": ")", "[": "]"}


@dataclass(frozen=True)
class ToolCall:
    """A function's name and the arguments it is to be called with."""

    name: str
    arguments: JsonObject


def offered_name(name: str, offered: Collection[str]) -> str:
    """The function that a call means: models put namespaces before names that have none (`functions.look`)."""
    ends = [known for known in offered if name.endswith(tuple(mark + known for mark in _NAMESPACE_MARKS))]
    return ends[0] if name not in offered and len(ends) == 1 else name


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
        if self._peek() == "{":
            return self._read_json_call()
        match = _NAME.match(self.text, self.position)
        name = match[1].replace(STRING_MARK, "").strip().strip("\"'") if match else ""
        if match is None or not name or name.endswith(":"):  # a call: without a name
            raise MalformedCallError
        self.position = match.end()
        return ToolCall(name, self._read_object(0))

    def _read_json_call(self) -> ToolCall:
        """`{"name": …, "arguments": {…}}`, as other models write calls."""
        values = self._read_object(0)
        name, arguments = values.get("name"), values.get("arguments", values.get("parameters"))
        if not isinstance(name, str) or not name or not isinstance(arguments, dict):
            raise MalformedCallError
        return ToolCall(name, arguments)

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
        if depth > _MAX_DEPTH:
            raise MalformedCallError
        closer = _CLOSERS[self._peek()]
        self.position += 1
        values: JsonObject = {}
        while not self._at_end_of(closer):
            if self._peek() == "{":  # doubled braces
                values |= self._read_object(depth + 1)
            else:
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
                value = str(json.loads(match[0], strict=False))
            except ValueError:
                value = match[0][1:-1]
            return spelled(value)
        if opened == "'" and (match := _SINGLE_QUOTED.match(self.text, self.position)):
            self.position = match.end()
            return spelled(re.sub(r"\\(['\\])", r"\1", match[1]))
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
