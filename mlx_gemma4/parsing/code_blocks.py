"""Fenced blocks of code out of streamed text: each is reported when its closing fence stands on a line of its own."""

from __future__ import annotations

import re

from mlx_gemma4.protocol.events import CodeBlock

_OPENING = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[^\s`]*)[^`]*")


class CodeBlockScanner:
    """Reads an answer line by line, so that how it was cut into pieces makes no difference.

    A fence may be indented, as in lists. It is closed by as many of its characters, or more, and nothing else in the
    line: a fence with a language inside a block is text of the block.
    """

    def __init__(self) -> None:
        self._line = ""  # the beginning of a line that has not ended yet
        self._fence = ""  # that opened the block we are in
        self._language = ""
        self._lines: list[str] = []  # of the block

    def feed(self, text: str) -> list[CodeBlock]:
        """The blocks that close in this piece."""
        *lines, self._line = (self._line + text).split("\n")
        return [block for line in lines for block in self._read(line)]

    def finish(self) -> list[CodeBlock]:
        """The block that the answer's end closes or cuts off."""
        line, self._line = self._line, ""
        if self._fence and self._is_begun_fence(line):
            line = ""
        found = self._read(line)
        if self._fence:
            found.append(self._close(closed=False))
        return found

    def _read(self, line: str) -> list[CodeBlock]:
        if not self._fence:
            opening = _OPENING.fullmatch(line)
            if opening:
                self._fence, self._language = opening["fence"], opening["language"].lower()
            return []
        mark = line.strip()
        if len(mark) >= len(self._fence) and set(mark) == {self._fence[0]}:
            return [self._close(closed=True)]
        self._lines.append(line)
        return []

    def _is_begun_fence(self, line: str) -> bool:
        """Whether the last line would have become the closing fence."""
        mark = line.strip()
        return 0 < len(mark) < len(self._fence) and set(mark) == {self._fence[0]}

    def _close(self, *, closed: bool) -> CodeBlock:
        block = CodeBlock(self._language, "\n".join(self._lines), closed)
        self._fence, self._language, self._lines = "", "", []
        return block


def code_blocks(text: str) -> list[CodeBlock]:
    """The blocks of a whole answer, or of one that has been cut off."""
    scanner = CodeBlockScanner()
    return [*scanner.feed(text), *scanner.finish()]
