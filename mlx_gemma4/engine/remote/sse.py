"""Server-sent events: bytes as they come to the payloads in them."""

from __future__ import annotations

import codecs

LONGEST = 4 << 20
"""Characters of one line; who sends more is not talking to us."""


class SseReader:
    """Reads the stream of one answer. Comments and names of events are passed over; a payload may span several lines.

    llama.cpp sends errors in a field of their own; they are payloads like any other.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[str]:
        """The payloads that this chunk completes.

        Raises:
            ValueError: a line has no end.
        """
        self._line += self._decoder.decode(chunk)
        if len(self._line) > LONGEST:
            raise ValueError("a line without an end")
        if "\n" not in self._line and "\r" not in self._line:
            return []
        *lines, self._line = self._line.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return [payload for line in lines for payload in self._take(line)]

    def finish(self) -> list[str]:
        """The payload that the end of the stream completes, if the last line breaks are missing."""
        line, self._line = self._line + self._decoder.decode(b"", final=True), ""
        return [payload for last in (line, "") for payload in self._take(last)]

    def _take(self, line: str) -> list[str]:
        if not line:
            payload, self._data = "\n".join(self._data), []
            return [payload] if payload else []
        name, _, value = line.partition(":")
        if name in ("data", "error"):
            self._data.append(value.removeprefix(" "))
        return []
