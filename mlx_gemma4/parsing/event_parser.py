"""Token ids of one answer to events; how the answer is cut into tokens changes how events are cut, never what they say.

What the model wrote outside markers comes out once: answer text as TextDelta, boxes included; thoughts as ThoughtDelta;
calls as ToolCallRequested, or as Unparsed of kind `tool_call` where they cannot be read. BoxFound, CodeBlock and
Unparsed of kind `box` are remarks about text that TextDelta carries as well. After a stop string nothing comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from mlx_gemma4.parsing.bare_calls import BareCallScanner
from mlx_gemma4.parsing.boxes import BoxScanner
from mlx_gemma4.parsing.channels import Channel, ChannelIds, ChannelRouter, Piece, TextDecoder, spelled
from mlx_gemma4.parsing.code_blocks import CodeBlockScanner
from mlx_gemma4.parsing.stop_strings import StopStrings
from mlx_gemma4.parsing.tool_calls import ToolCall, offered_name, parse_tool_calls
from mlx_gemma4.protocol.events import BoxFound, CodeBlock, TextDelta, ThoughtDelta, ToolCallRequested, Unparsed

AnswerEvent: TypeAlias = TextDelta | ThoughtDelta | ToolCallRequested | BoxFound | CodeBlock | Unparsed


class EventParser:
    """Turns the ids of one answer into events, as they come.

    Attributes:
        calls: how many tool calls have been requested so far.
    """

    def __init__(
        self,
        ids: ChannelIds,
        decoder: TextDecoder,
        *,
        in_thought: bool = False,
        media_index: int = 0,
        stop: Sequence[str] = (),
        tools: Sequence[str] = (),
    ) -> None:
        """Read one answer.

        Args:
            ids: of the markers.
            decoder: of the checkpoint's tokenizer, fresh.
            in_thought: the prompt has opened a thought.
            media_index: the picture that boxes are on.
            stop: strings in the answer's text that end it.
            tools: names of the functions that the model may call.
        """
        self.calls = 0
        self._stops = StopStrings(stop)
        self._tools = tools
        self._bare_calls = BareCallScanner(tools)
        self._router = ChannelRouter(ids, decoder, in_thought=in_thought)
        self._boxes = BoxScanner(media_index)
        self._code = CodeBlockScanner()
        self._call_text = ""

    @property
    def stopped(self) -> bool:
        """Whether the answer is over because a stop string has come."""
        return self._stops.found

    def recall(self, text: str) -> None:
        """The answer has begun with this, and it was reported: a box or fence that it left open may close now."""
        self._boxes.feed(text)
        self._code.feed(text)

    def feed(self, token: int) -> list[AnswerEvent]:
        """The events that this token completes."""
        return [event for piece in self._router.feed(token) for event in self._read(piece, complete=True)]

    def finish(self, *, complete: bool) -> list[AnswerEvent]:
        """The last events; `complete` says that the model ended its turn itself and was not cut off."""
        events = [event for piece in self._router.finish() for event in self._read(piece, complete=complete)]
        return [*events, *self._boxes.finish(), *self._code.finish()]

    def _read(self, piece: Piece, *, complete: bool) -> list[AnswerEvent]:
        if self._stops.found:
            return []
        if piece.channel is Channel.TOOL_CALL:
            self._call_text += piece.text
            return self._close_calls(complete) if piece.closed else []
        if piece.channel is Channel.THOUGHT:
            return [ThoughtDelta(piece.text)] if piece.text else []
        return self._read_text(piece, complete)

    def _read_text(self, piece: Piece, complete: bool) -> list[AnswerEvent]:
        found = self._bare_calls.feed(piece.text)
        if piece.closed:
            found += self._bare_calls.finish(complete=complete)
        events: list[AnswerEvent] = []
        for text_or_calls in found:
            if isinstance(text_or_calls, str):
                events += self._tell(self._stops.feed(text_or_calls))
            elif not self._stops.found:
                events += [*self._tell(self._stops.flush()), *self._request(text_or_calls)]
        return [*events, *self._tell(self._stops.flush())] if piece.closed else events

    def _tell(self, text: str) -> list[AnswerEvent]:
        return [TextDelta(text), *self._boxes.feed(text), *self._code.feed(text)] if text else []

    def _request(self, calls: Sequence[ToolCall]) -> list[AnswerEvent]:
        self.calls += len(calls)
        return [ToolCallRequested(offered_name(call.name, self._tools), call.arguments) for call in calls]

    def _close_calls(self, complete: bool) -> list[AnswerEvent]:
        text, self._call_text = self._call_text, ""
        calls, rest = parse_tool_calls(text, complete=complete)
        return [*self._request(calls), *([Unparsed("tool_call", spelled(rest))] if rest else [])]
