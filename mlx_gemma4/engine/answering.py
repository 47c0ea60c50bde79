"""What the model writes after a prompt has been read, as events."""

from __future__ import annotations

from collections.abc import Iterator

from mlx_gemma4.engine.course import Course
from mlx_gemma4.generation.loop_guard import LoopDetector
from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.speculative import Speculation, speculate
from mlx_gemma4.generation.thinking_budget import ThinkingBudget, ThoughtIds
from mlx_gemma4.parsing.channels import ChannelIds
from mlx_gemma4.parsing.event_parser import EventParser
from mlx_gemma4.prompt.chat_template import THOUGHT_NAME
from mlx_gemma4.prompt.prepare import count_pictures
from mlx_gemma4.prompt.special_tokens import Marker, SpecialTokens
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.events import Event, FinishReason
from mlx_gemma4.protocol.parts import Message, TextPart
from mlx_gemma4.protocol.requests import Ask


class AnswerWriter:
    """Decodes and parses the answers of one checkpoint."""

    def __init__(self, tokenizer: Tokenizer, speculation: Speculation | None = None) -> None:
        """Of this tokenizer's checkpoint; `speculation` guesses ahead, which changes no answer."""
        self._tokenizer = tokenizer
        self._speculation = speculation
        self._channel_ids = channel_ids(tokenizer.special)

    def write(self, request: Ask, session: Session, course: Course, *, in_thought: bool) -> Iterator[Event]:
        """Yields the answer's events and returns why it ended, a FinishReason.

        Args:
            request: what the answer is to.
            session: has read the prompt.
            course: of the request; it is asked after every token whether the answer shall end.
            in_thought: the prompt has opened a thought.
        """
        parser = EventParser(
            self._channel_ids,
            self._tokenizer.stream_decoder(),
            in_thought=in_thought,
            media_index=max(count_pictures(request.messages) - 1, 0),
            stop=request.stop,
            tools=[tool.name for tool in request.tools],
        )
        if request.continues:
            parser.recall(_words(request.messages[-1]))
        guide = self._thinking_budget(request, in_thought)
        loop = LoopDetector(request.loop_guard) if request.loop_guard else None
        ends = self._ends(request)
        reason: FinishReason = "max_tokens"
        before = self._guesses()
        for token in self._tokens(request, session, ends, guide):
            course.meter.count_token()
            if token in ends:
                reason = "end_of_turn"
                break
            for event in parser.feed(token):
                course.meter.heard(event)
                yield event
            if parser.stopped:
                reason = "stop_string"
                break
            if loop and loop.feed(token):
                reason = "loop"
                break
            if course.is_over():
                reason = "stopped"
                break
        self._count_guesses(course, before)
        yield from parser.finish(complete=reason == "end_of_turn")
        return "tool_calls" if reason == "end_of_turn" and parser.calls else reason

    def _tokens(
        self, request: Ask, session: Session, ends: frozenset[int], guide: ThinkingBudget | None
    ) -> Iterator[int]:
        if self._speculation is None:
            return session.decode(request.sampling, ends, request.max_tokens, guide)
        return speculate(session, self._speculation, request.sampling, ends, request.max_tokens, guide)

    def _guesses(self) -> tuple[int, int]:
        """Guessed and right so far, in all answers."""
        return (self._speculation.guessed, self._speculation.right) if self._speculation else (0, 0)

    def _count_guesses(self, course: Course, before: tuple[int, int]) -> None:
        guessed, right = self._guesses()
        course.meter.guessed_tokens, course.meter.right_guesses = guessed - before[0], right - before[1]

    def _ends(self, request: Ask) -> frozenset[int]:
        """The ids that end an answer: those that the checkpoint states and, as copies often forget them, the format's.

        A checkpoint that states none at all means it.
        """
        special = self._tokenizer.special
        if not request.chat_format or not special.end_ids:
            return special.end_ids
        markers = (Marker.TURN_CLOSE, Marker.TOOL_RESPONSE_OPEN)
        return special.end_ids | {special.ids[marker] for marker in markers if marker in special.ids}

    def _thinking_budget(self, request: Ask, in_thought: bool) -> ThinkingBudget | None:
        if request.thinking_budget is None:
            return None
        special = self._tokenizer.special
        ids = ThoughtIds(
            opener=special[Marker.CHANNEL_OPEN],
            name=self._tokenizer.encode_text(THOUGHT_NAME),
            closer=special[Marker.CHANNEL_CLOSE],
            tool_call=special.ids.get(Marker.TOOL_CALL_OPEN),
        )
        return ThinkingBudget(request.thinking_budget, ids, in_thought=in_thought)


def _words(message: Message) -> str:
    return "".join(part.text for part in message.parts if isinstance(part, TextPart))


def channel_ids(special: SpecialTokens) -> ChannelIds:
    """The ids that an answer of this checkpoint is read by."""
    ids = special.ids
    return ChannelIds(
        channel_open=ids.get(Marker.CHANNEL_OPEN),
        channel_close=ids.get(Marker.CHANNEL_CLOSE),
        tool_call_open=ids.get(Marker.TOOL_CALL_OPEN),
        tool_call_close=ids.get(Marker.TOOL_CALL_CLOSE),
        string=ids.get(Marker.STRING),
        hidden=special.all_ids,
    )
