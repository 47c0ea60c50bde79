"""Tool calls that the model writes into its text, without the markers that should stand around them.

Only a line that begins with `call:`, the name of a function that was offered, and a brace counts. It is held back until
its braces close; if it turns out not to be a call, it is text like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from mlx_gemma4.parsing.channels import STRING_MARK
from mlx_gemma4.parsing.tool_calls import ToolCall, parse_tool_calls

Found: TypeAlias = str | list[ToolCall]

_OPENERS, _CLOSERS = "{([", "})]"


class BareCallScanner:
    """Reads text character by character, so that how it was cut into pieces makes no difference."""

    def __init__(self, names: Sequence[str]) -> None:
        """Look for calls of these functions."""
        self._begins = [f"call:{name}" for name in names]
        self._whole = re.compile(rf"\s*(?:{'|'.join(map(re.escape, self._begins))}) *[{{(]\Z")
        self._at_line_start = bool(names)
        self._held = ""
        self._depth = 0
        self._quote = ""  # the mark that will end the string that is being read

    def feed(self, text: str) -> list[Found]:
        """Text that can go out now, string markers left out of it, and calls that have closed."""
        if not self._begins:
            return _text(text)
        found: list[Found] = []
        for character in text:
            if self._depth:
                found += self._step_in_call(character)
            elif self._at_line_start or self._held:
                found += self._step_in_line(character)
            else:
                found += _text(character)
                self._at_line_start = character == "\n"
        return _joined(found)

    def finish(self, *, complete: bool) -> list[Found]:
        """What was held back; `complete` says that the model ended here itself, having forgotten the braces."""
        in_call, held = self._depth > 0, self._held
        self._start_again()
        if in_call and complete:
            return _call_or_text(held)
        return _text(held)

    def _step_in_line(self, character: str) -> list[Found]:
        """Before it is known whether the line is a call."""
        self._at_line_start = False
        self._held += character
        if self._whole.match(self._held):
            self._depth = 1
            return []
        begun = self._held.lstrip()
        if any(begin.startswith(begun) for begin in self._begins) or begun.rstrip(" ") in self._begins:
            return []
        held, self._held = self._held, ""
        self._at_line_start = character == "\n"
        return _text(held)

    def _step_in_call(self, character: str) -> list[Found]:
        self._held += character
        if self._quote:
            escaped = self._quote == '"' and self._held.endswith('\\"')
            if character == self._quote and not escaped:
                self._quote = ""
        elif character in (STRING_MARK, '"'):
            self._quote = character
        else:
            self._depth += (character in _OPENERS) - (character in _CLOSERS)
        if self._depth:
            return []
        held = self._held
        self._start_again()
        return _call_or_text(held)

    def _start_again(self) -> None:
        self._held, self._depth, self._quote = "", 0, ""
        self._at_line_start = bool(self._begins)


def _call_or_text(held: str) -> list[Found]:
    calls, rest = parse_tool_calls(held)
    return _text(held) if rest else [calls]


def _text(text: str) -> list[Found]:
    text = text.replace(STRING_MARK, "")
    return [text] if text else []


def _joined(found: list[Found]) -> list[Found]:
    """The same, neighbouring texts as one."""
    joined: list[Found] = []
    for item in found:
        if isinstance(item, str) and joined and isinstance(joined[-1], str):
            joined[-1] += item
        else:
            joined.append(item)
    return joined
