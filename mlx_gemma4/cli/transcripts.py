"""Transcripts as files: subtitles in SRT and WebVTT, and plain text, written as the segments land."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO, TypeAlias

from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.events import TranscriptSegment

Write: TypeAlias = Callable[[TranscriptSegment], None]


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


class TextWriter:
    """The words, one segment a line."""

    def __init__(self, target: TextIO) -> None:
        self._target = target

    def write(self, segment: TranscriptSegment) -> None:
        """Append a line, unless nothing is said."""
        if shown(segment):
            _append(self._target, f"{shown(segment)}\n")


WRITERS: Mapping[str, type[SrtWriter | VttWriter | TextWriter]] = {
    "srt": SrtWriter,
    "vtt": VttWriter,
    "txt": TextWriter,
}


def plan_outputs(files: Sequence[str], outputs: Mapping[str, Path]) -> list[dict[str, Path]]:
    """Which transcripts to write for each file, from what was asked for.

    Args:
        files: the recordings.
        outputs: kinds of `WRITERS` to a file, or to a folder for several recordings.

    Raises:
        MediaError: a folder is not there, a name is taken twice, or a transcript would replace a recording.
    """
    plan = [{kind: _place(out, file, kind, len(files) > 1) for kind, out in outputs.items()} for file in files]
    places = [place.absolute() for one in plan for place in one.values()]
    for place in places:
        if not place.parent.is_dir():
            raise MediaError(f"There is no folder {place.parent}.", "Make it first, or choose another place.")
        if places.count(place) > 1:
            raise MediaError(
                f"Two transcripts would be written to {place}.", "Give one of the recordings another name."
            )
        if any(place == Path(file).absolute() for file in files):
            raise MediaError(f"The transcript would replace the recording {place}.", "Choose another name.")
    return plan


@contextmanager
def open_writers(places: Mapping[str, Path]) -> Iterator[list[Write]]:
    """Functions that write a segment into each of these files, which replace what was there.

    Raises:
        MediaError: a file cannot be written.
    """
    with ExitStack() as stack:
        writers: list[Write] = []
        for kind, place in places.items():
            try:
                target = stack.enter_context(place.open("w", encoding="utf-8", newline="\n"))
            except OSError as error:
                raise MediaError(f"{place} cannot be written: {error}.", "Choose another place.") from error
            writers.append(WRITERS[kind](target).write)
        yield writers


def _place(out: Path, file: str, kind: str, several: bool) -> Path:
    return out / f"{Path(file).stem}.{kind}" if several or out.is_dir() else out


def _visible_end(segment: TranscriptSegment) -> float:
    """The end, at least a millisecond after the start: a cue without length is none."""
    return max(segment.end, segment.start + 0.001)


def _append(target: TextIO, text: str) -> None:
    target.write(text)
    target.flush()  # whoever reads along, or stops us, has everything up to here
