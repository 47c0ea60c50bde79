"""What all commands share: how they end, and how events look in a terminal."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import (
    BoxFound,
    EngineFailed,
    Event,
    Remark,
    TextDelta,
    ThoughtDelta,
    ToolCallRequested,
    TranscriptSegment,
    TurnFinished,
    Unparsed,
)
from mlx_gemma4.protocol.wire import to_line

BAD_INPUT = 2
DEVICE_FAILED = 1
INTERRUPTED = 130
PIPE_CLOSED = 141
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def run(program: str, action: Callable[[], None]) -> int:
    """Do the work and return the exit code; what a person did wrong is one sentence on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a character is no reason to fail
    try:
        action()
        sys.stdout.flush()
    except PrismError as error:
        print(f"{program}: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT if error.recoverable else DEVICE_FAILED
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; what Python flushes at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return 0


def checked(events: Iterable[Event]) -> Iterator[Event]:
    """The events; EngineFailed is passed on and then raised as the PrismError that it was."""
    for event in events:
        yield event
        if isinstance(event, EngineFailed):
            raise PrismError(event.message, event.hint, code=event.code, recoverable=event.recoverable)


def print_json(event: Event) -> None:
    """One event as one line."""
    sys.stdout.write(to_line(event))
    sys.stdout.flush()


def print_answer(event: Event) -> None:
    """Text to stdout as it comes; thoughts, tool calls and remarks to stderr, dimmed."""
    match event:
        case TextDelta(text):
            _write(sys.stdout, text)
        case ThoughtDelta(text):
            _write(sys.stderr, text, dimmed=True)
        case Remark(text):
            _write(sys.stderr, f"[{text}]\n", dimmed=True)
        case ToolCallRequested(name, arguments):
            _write(sys.stderr, f"[calls {name} with {arguments}]\n", dimmed=True)
        case Unparsed("tool_call", text):
            _write(sys.stderr, f"[a call that cannot be read: {text}]\n", dimmed=True)
        case TurnFinished("max_tokens"):
            _write(sys.stderr, "\n[the answer reached its longest length]\n", dimmed=True)
        case TurnFinished("loop"):
            _write(sys.stderr, "\n[the model only repeated itself, so the answer was ended]\n", dimmed=True)
        case _:
            pass


def print_segment(segment: TranscriptSegment) -> None:
    """A stretch of a transcript with its time, and what it means below it; nothing where nothing is said."""
    if segment.text or segment.translation:
        minutes, seconds = divmod(int(segment.start), 60)
        time = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        _write(sys.stdout, f"[{time}] {segment.text}\n")
        if segment.translation:
            _write(sys.stdout, f"{' ' * len(time)}   {segment.translation}\n")


def box_line(event: BoxFound, edges: tuple[int, int, int, int]) -> str:
    """A box in words: its label and its place in pixels."""
    left, top, right, bottom = edges
    label = " ".join(_CONTROLS.sub("", event.label).split()) or "(no label)"
    return f"{label}: x {left}–{right}, y {top}–{bottom}"


def _write(stream: TextIO, text: str, *, dimmed: bool = False) -> None:
    """Text of the model; on a terminal without control characters, which could make it do things."""
    if stream.isatty():
        text = _CONTROLS.sub("", text)
        text = f"\x1b[2m{text}\x1b[22m" if dimmed else text
    stream.write(text)
    stream.flush()
