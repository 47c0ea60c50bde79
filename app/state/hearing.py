"""How what the engine says becomes an answer, as it comes or from what was kept of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from app.state.attachments import Attachment
from app.state.tools import CallStatus, Said, ToolAnswered
from app.state.turn import Turn, TurnError, TurnStatus
from mlx_gemma4.protocol.events import (
    BoxFound,
    PromptProgress,
    TextDelta,
    ThoughtDelta,
    ToolCallRequested,
    TranscriptSegment,
    TurnFinished,
    Unparsed,
    UsageReport,
)

NO_FILES: Mapping[int, Attachment] = {}
WAITS = ("tool_calls", "end_of_turn")
"""Reasons of an answer's end after which the model goes on once its calls have been answered."""


def hear(turn: Turn, event: Said, files: Mapping[int, Attachment] = NO_FILES) -> None:
    """Add to the answer what this says; its end is not this function's business.

    `files` are those of the conversation by their keys, as far as tools have brought them.
    """
    match event:
        case PromptProgress(done, total):
            turn.progress = done / total if total else 1.0
            turn.status = TurnStatus.READING
        case TextDelta(text):
            turn.status = TurnStatus.ANSWERING
            _end_thinking(turn)
            turn.append_text(text)
        case ThoughtDelta(text):
            turn.status = TurnStatus.ANSWERING
            if turn.thinking_since is None:
                turn.thinking_since = time.monotonic()
            turn.thought += text
        case TranscriptSegment():
            if turn.status is not TurnStatus.STOPPING:
                turn.status = TurnStatus.ANSWERING
            turn.write_down(event)
        case ToolCallRequested(name, arguments):
            turn.status = TurnStatus.ANSWERING
            turn.add_call(name, arguments)
        case ToolAnswered(number, status, response, keys) if number < len(turn.calls):
            brought = tuple(files[key] for key in keys if key in files)
            turn.calls[number].answer(CallStatus(status), response, brought)
        case BoxFound(box, label, media_index, sheet, seconds):
            turn.add_box(box, label, media_index, sheet, seconds)
        case Unparsed("box"):
            turn.broken_boxes += 1
        case Unparsed(_, text):
            turn.append_text(text)
        case UsageReport():
            turn.usage = event
            _end_thinking(turn)
            if event.thinking_seconds:  # measured nearer to where it happens, and kept
                turn.reported_seconds += event.thinking_seconds
                turn.thought_seconds = turn.reported_seconds
        case TurnFinished(reason):
            turn.finish_reason = reason
            if turn.open_calls and reason in WAITS:
                turn.wait_for_tools()
        case _:
            pass


def _end_thinking(turn: Turn) -> None:
    if turn.thinking_since is not None:
        since, turn.thinking_since = turn.thinking_since, None
        turn.thought_seconds = turn.reported_seconds + time.monotonic() - since


def recall(
    turn: Turn,
    events: Iterable[Said],
    status: TurnStatus,
    error: TurnError | None,
    files: Mapping[int, Attachment] = NO_FILES,
) -> None:
    """Give an answer again from what was kept of it; one that was never finished counts as stopped."""
    for event in events:
        hear(turn, event, files)
    turn.error = error
    turn.finish(status if status.is_final else TurnStatus.STOPPED)
