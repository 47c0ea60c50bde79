"""Transcripts as files: subtitles in SRT and WebVTT, plain text and JSON, written as the segments land."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol, TextIO

from mlx_gemma4.protocol.events import TranscriptSegment


class TranscriptWriter(Protocol):
    """Writes into a text file as segments land; whoever reads along has everything up to here."""

    def write(self, segment: TranscriptSegment) -> None:
        """Append a segment, unless nothing is said."""
        ...

    def close(self) -> None:
        """Nothing more comes: write what the format has at its end. The file itself stays open."""
        ...


def shown(segment: TranscriptSegment) -> str:
    """What a reader wants to see: the translation where there is one, on one line."""
    return " ".join((segment.translation or segment.text).split())


def clock(seconds: float, decimal_mark: str = ".") -> str:
    """A moment as hours:minutes:seconds with milliseconds, at least two digits each: how both subtitle formats do."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    hours, rest = divmod(whole, 3600)
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}{decimal_mark}{milliseconds:03}"


class SrtWriter:
    """SubRip: numbered cues. It knows no escapes, so an arrow in the text is written as another one."""

    def __init__(self, target: TextIO) -> None:
        self._target = target
        self._count = 0

    def write(self, segment: TranscriptSegment) -> None:
        """Append a cue, unless nothing is said."""
        text = shown(segment).replace("-->", "→")
        if text:
            self._count += 1
            span = f"{clock(segment.start, ',')} --> {clock(_visible_end(segment), ',')}"
            _append(self._target, f"{self._count}\n{span}\n{text}\n\n")

    def close(self) -> None:
        """The format has nothing at its end."""


class VttWriter:
    """WebVTT (https://www.w3.org/TR/webvtt1/): cues in which the three characters of markup are escaped."""

    def __init__(self, target: TextIO) -> None:
        self._target = target
        _append(target, "WEBVTT\n\n")

    def write(self, segment: TranscriptSegment) -> None:
        """Append a cue, unless nothing is said."""
        text = shown(segment).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if text:
            _append(self._target, f"{clock(segment.start)} --> {clock(_visible_end(segment))}\n{text}\n\n")

    def close(self) -> None:
        """The format has nothing at its end."""


class TextWriter:
    """The words, one segment a line."""

    def __init__(self, target: TextIO) -> None:
        self._target = target

    def write(self, segment: TranscriptSegment) -> None:
        """Append a line, unless nothing is said."""
        if shown(segment):
            _append(self._target, f"{shown(segment)}\n")

    def close(self) -> None:
        """The format has nothing at its end."""


class JsonWriter:
    """A JSON array of objects with `start` and `end` in seconds, `text`, and `translation` where there is one."""

    def __init__(self, target: TextIO) -> None:
        self._target = target
        self._count = 0

    def write(self, segment: TranscriptSegment) -> None:
        """Append an object, unless nothing is said."""
        if not shown(segment):
            return
        values = {"start": round(segment.start, 3), "end": round(segment.end, 3), "text": segment.text}
        if segment.translation is not None:
            values["translation"] = segment.translation
        _append(self._target, ("," if self._count else "[") + "\n" + json.dumps(values, ensure_ascii=False))
        self._count += 1

    def close(self) -> None:
        """Close the array."""
        _append(self._target, "\n]\n" if self._count else "[]\n")


WRITERS: Mapping[str, type[SrtWriter | VttWriter | TextWriter | JsonWriter]] = {
    "srt": SrtWriter,
    "vtt": VttWriter,
    "txt": TextWriter,
    "json": JsonWriter,
}


def _visible_end(segment: TranscriptSegment) -> float:
    """The end, at least a millisecond after the start: a cue without length is none."""
    return max(segment.end, segment.start + 0.001)


def _append(target: TextIO, text: str) -> None:
    target.write(text)
    target.flush()  # whoever reads along, or stops us, has everything up to here
