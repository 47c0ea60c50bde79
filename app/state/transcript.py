"""What is said in a recording, stretch by stretch: as the model heard it, and as a person has corrected it."""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import Signal

from app.state.clock import clock
from app.state.observable import Observable, Property
from mlx_gemma4.protocol.events import TranscriptSegment
from mlx_gemma4.protocol.requests import Transcribe

_CLOSE = 0.0005  # seconds; two moments that are nearer are one


class Transcript(Observable):
    """Stretches in order. What comes later about a stretch counts: so edits and pieces heard again are kept as events.

    Signals:
        line_added: a stretch has come behind the others in which something is said; the number of its line.
        line_changed: another text stands in the line of this number.
        changed: everything may be different.

    Attributes:
        redoing: number of the piece that is being heard again; None for none.
        words: that are looked for; lines that have them are told by `found`.
        end: up to where it was written down, in seconds.
    """

    redoing = Property[int | None](None)
    words = Property("")
    end = Property(0.0)
    line_added = Signal(int)
    line_changed = Signal(int)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.segments: list[TranscriptSegment] = []
        self.lines: list[TranscriptSegment] = []  # those in which something is said

    def put(self, segment: TranscriptSegment) -> None:
        """What is said in a stretch; of those before, it replaces what begins in it."""
        covered = [old for old in self.segments if segment.start - _CLOSE <= old.start < segment.end - _CLOSE]
        if not covered:
            self.segments.append(segment)
            self.segments.sort(key=lambda each: each.start)
            self.end = max(self.end, segment.end)
            if segment.text and self.segments[-1] is segment:
                self.lines.append(segment)
                self.line_added.emit(len(self.lines) - 1)
            elif segment.text:
                self._gather()
            return
        first = self.segments.index(covered[0])
        self.segments[first : first + len(covered)] = [segment]
        line = self.lines.index(covered[0]) if covered[0] in self.lines else None
        if len(covered) == 1 and line is not None and segment.text:
            self.lines[line] = segment
            self.line_changed.emit(line)
        else:
            self._gather()

    def clear(self) -> None:
        """Forget all of it: it is written down again."""
        self.segments.clear()
        self.end, self.redoing = 0.0, None
        self._gather()

    @property
    def text(self) -> str:
        """The words, a line for each stretch."""
        return "".join(f"{line.text}\n" for line in self.lines)

    @property
    def timed_text(self) -> str:
        """The words, each line behind the time at which it begins: what a model is told about the recording."""
        return "\n".join(f"[{clock(line.start)}] {line.text}" for line in self.lines) or "Nothing is said in it."

    def rest(self, request_id: str, path: str) -> Transcribe:
        """The request for what is missing; a piece that broke off between its segments is heard again."""
        broken = self.segments[-1].piece if self.segments and self.segments[-1].more else -1
        whole = [segment for segment in self.segments if segment.piece != broken]
        if not whole:
            return Transcribe(request_id, path)
        said = [segment for segment in whole if segment.text]
        return Transcribe(
            request_id,
            path,
            start=whole[-1].end,
            first_piece=max(segment.piece for segment in whole) + 1,
            context=" ".join(segment.text for segment in said if segment.piece == said[-1].piece),
            held=whole[-1].held,
        )

    @property
    def found(self) -> list[int]:
        """Numbers of the lines that have the words that are looked for."""
        words = self.words.casefold().strip()
        return [number for number, line in enumerate(self.lines) if words and words in line.text.casefold()]

    def line_at(self, seconds: float) -> int | None:
        """Number of the line that is said then, or was said last."""
        number = bisect_right(self.lines, seconds + _CLOSE, key=lambda line: line.start) - 1
        return number if number >= 0 else None

    def piece_of(self, line: int) -> tuple[float, float]:
        """From when to when the piece lasts that a line was heard in, in seconds."""
        inside = [segment for segment in self.segments if segment.piece == self.lines[line].piece]
        return inside[0].start, inside[-1].end

    def _gather(self) -> None:
        self.lines = [segment for segment in self.segments if segment.text]
        self.changed.emit()
