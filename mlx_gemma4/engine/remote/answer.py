"""What comes back of one question, as the events that our own model's answer would give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeAlias

from mlx_gemma4.engine.course import Course
from mlx_gemma4.engine.remote.calls import CallJoiner
from mlx_gemma4.engine.remote.chunks import END, Chunk, read_chunk
from mlx_gemma4.engine.remote.connection import End, Reply
from mlx_gemma4.engine.remote.failures import Failures, Refusal
from mlx_gemma4.generation.loop_guard import LoopDetector
from mlx_gemma4.parsing.spelled_answer import SpelledAnswer
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import Event, FinishReason, PromptProgress, TextDelta, ThoughtDelta
from mlx_gemma4.protocol.requests import Ask

Outcome: TypeAlias = FinishReason | Refusal
"""Why it ended; or what was said instead, before there was a word of an answer."""

_LOOK_SECONDS = 0.02
_REASONS: dict[str, FinishReason] = {
    "length": "max_tokens",
    "max_tokens": "max_tokens",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}
_FILTERED = "content_filter"


class AnswerReader:
    """Reads one answer. Its course is asked between any two payloads, and many times a second while none comes."""

    def __init__(self, request: Ask, course: Course, failures: Failures, media_index: int) -> None:
        tools = [tool.name for tool in request.tools]
        self._course, self._failures = course, failures
        self._parser = SpelledAnswer(media_index=media_index, stop=request.stop, tools=tools)
        self._calls = CallJoiner(tools)
        self._loop = LoopDetector(request.loop_guard) if request.loop_guard else None
        self._pieces: dict[str, int] = {}
        self._reason: FinishReason | None = None

    def read(self, reply: Reply) -> Iterator[Event]:
        """Yields the answer's events and returns its Outcome.

        Raises:
            PrismError: it could not be had, or broke off; what had come has been yielded.
        """
        begun = False
        while True:
            item = reply.next(_LOOK_SECONDS)
            if self._course.is_over():
                return (yield from self._end("stopped"))
            match item:
                case None:
                    continue
                case Refusal() if not begun:
                    return item
                case Refusal():
                    raise self._failures.of_refusal(item)
                case PrismError():
                    yield from self._rest(complete=False)
                    raise item
                case End():
                    break
            if item == END:
                break
            chunk = self._read(item)
            if chunk.problem:
                if not begun:
                    return Refusal(0, chunk.problem)
                yield from self._rest(complete=False)
                raise self._failures.of_refusal(Refusal(0, chunk.problem))
            begun = begun or chunk.has_words
            reason = yield from self._take(chunk)
            if reason is not None:
                return (yield from self._end(reason))
        if self._reason is None and item != END:
            yield from self._rest(complete=False)
            raise self._failures.cut() if begun else self._failures.garbled()
        return (yield from self._end(self._reason or "end_of_turn"))

    def _read(self, payload: str) -> Chunk:
        try:
            return read_chunk(payload)
        except (ValueError, RecursionError) as error:
            raise self._failures.garbled() from error

    def _take(self, chunk: Chunk) -> Iterator[Event]:
        """The events of a chunk; returns why the answer ends with it, if we end it."""
        meter = self._course.meter
        if chunk.progress is not None:
            yield PromptProgress(*chunk.progress)
        if chunk.has_words:
            meter.count_token()
        if chunk.figures is not None:
            meter.prompt_tokens, meter.reused_tokens = chunk.figures.prompt_tokens, chunk.figures.reused_tokens
            meter.correct(chunk.figures.completion_tokens)
        if chunk.thought:
            meter.heard(ThoughtDelta(chunk.thought))
            yield ThoughtDelta(chunk.thought)
        if chunk.text:
            meter.heard(TextDelta(chunk.text))
            yield from self._parser.feed(chunk.text)
            if self._parser.stopped:
                return "stop_string"
        yield from self._calls.feed(chunk.calls)
        if chunk.reason == _FILTERED:
            raise self._failures.filtered()
        if chunk.reason:
            self._reason = _REASONS.get(chunk.reason, "end_of_turn")
        return "loop" if chunk.has_words and self._repeats(chunk) else None

    def _repeats(self, chunk: Chunk) -> bool:
        """Pieces stand for tokens, which they mostly are."""
        if self._loop is None:
            return False
        piece = json.dumps([chunk.text, chunk.thought])
        return self._loop.feed(self._pieces.setdefault(piece, len(self._pieces)))

    def _end(self, reason: FinishReason) -> Iterator[Event]:
        yield from self._rest(complete=reason in ("end_of_turn", "tool_calls"))
        if reason in ("end_of_turn", "tool_calls"):
            return "tool_calls" if self._parser.calls or self._calls.count else "end_of_turn"
        return reason

    def _rest(self, *, complete: bool) -> Iterator[Event]:
        if complete:
            yield from self._calls.finish()
        yield from self._parser.finish(complete=complete)
