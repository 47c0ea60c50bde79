"""The published chat format of Gemma 4, written as segments; and no format at all, for base models.

Follows the templates of July 2026. The one for E2B and E4B and the one for the larger sizes differ in `empty_thought`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlx_gemma4.prompt import tool_text
from mlx_gemma4.prompt.segments import MediaSegment, Segment, TextSegment, join_texts, write
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.parts import (
    MediaPart,
    Message,
    TextPart,
    ThoughtPart,
    Tool,
    ToolCallPart,
    ToolResponsePart,
)

THOUGHT_NAME = "thought\n"
"""The line right after the marker that opens a thought."""


@dataclass(frozen=True)
class ChatOptions:
    """How a conversation is written.

    Attributes:
        thinking: the model thinks before it answers.
        empty_thought: without thinking, an empty thought block ends the prompt (the larger sizes).
        preserve_thinking: earlier thoughts that led to tool calls stay in the prompt.
        tools: functions that the model may call.
        continues: the last message is the model's and not complete: its turn stays open.
        plain: no turns; texts and media follow each other as they are. The other options mean nothing then.
    """

    thinking: bool = False
    empty_thought: bool = False
    preserve_thinking: bool = False
    tools: tuple[Tool, ...] = ()
    continues: bool = False
    plain: bool = False


DEFAULT_OPTIONS = ChatOptions()


def render_chat(messages: Sequence[Message], options: ChatOptions = DEFAULT_OPTIONS) -> list[Segment]:
    """The whole prompt, up to where the model's turn goes on.

    Raises:
        PromptError: there is nothing to answer, a tool message follows no tool call, or something has no plain form.
    """
    if not messages:
        raise PromptError("There is no message to answer.", "Give at least one user message.")
    if options.plain:
        return join_texts([*write(Marker.BOS), *_plain(messages)])
    system = messages[0] if messages[0].role == "system" else None
    turns = _gather_turns(messages[1:] if system else messages)
    last_user = max((index for index, turn in enumerate(turns) if turn.message.role == "user"), default=-1)
    segments = [*write(Marker.BOS), *_system_turn(system, options)]
    open_turn = turns.pop() if options.continues and turns else None
    for index, turn in enumerate(turns):
        before = turns[index - 1].message.role if index else None
        after = turns[index + 1].message.role if index + 1 < len(turns) else None
        show_thought = index > last_user or (options.preserve_thinking and bool(turn.calls))
        segments += _turn(turn, before, after, show_thought)
    segments += _opening(turns[-1] if turns else None, options)
    return join_texts([*segments, *_begun(open_turn, options)] if open_turn else segments)


def opens_in_thought(segments: Sequence[Segment]) -> bool:
    """Whether the prompt ends inside a thought, so that the model's first token already belongs to it."""
    begun = segments[-1:] and isinstance(segments[-1], TextSegment) and segments[-1].apart
    return [*(segments[:-1] if begun else segments)[-2:]] == write(Marker.CHANNEL_OPEN, THOUGHT_NAME)


def _plain(messages: Sequence[Message]) -> Iterator[Segment]:
    for message in messages:
        for part in message.parts:
            if isinstance(part, TextPart):
                yield TextSegment(part.text)
            elif isinstance(part, MediaPart):
                yield MediaSegment(part)
            else:
                raise PromptError("Thoughts and tool calls cannot be written without the chat format.")


@dataclass(frozen=True)
class _Turn:
    """A message together with the tool messages that answer its calls."""

    message: Message
    answers: tuple[Message, ...] = ()

    @property
    def calls(self) -> list[ToolCallPart]:
        return [part for part in self.message.parts if isinstance(part, ToolCallPart)]

    @property
    def responses(self) -> list[Segment]:
        """Responses in the order they came, media right after the response that brought them."""
        segments: list[Segment] = []
        for part in self.message.parts:
            if isinstance(part, ToolResponsePart):
                segments += tool_text.response(part)
        for message in self.answers:
            for part in message.parts:
                if isinstance(part, ToolResponsePart):
                    segments += tool_text.response(part)
                elif isinstance(part, MediaPart):
                    segments.append(MediaSegment(part))
        return segments


def _gather_turns(messages: Sequence[Message]) -> list[_Turn]:
    turns: list[_Turn] = []
    for message in messages:
        if message.role != "tool":
            turns.append(_Turn(message))
        elif turns and turns[-1].calls:
            turns[-1] = _Turn(turns[-1].message, (*turns[-1].answers, message))
        else:
            raise PromptError("A tool message answers no tool call.", "Put it after the assistant's tool_calls.")
    return turns


def _system_turn(system: Message | None, options: ChatOptions) -> list[Segment]:
    if system is None and not options.thinking and not options.tools:
        return []
    texts = [part.text.strip() for part in system.parts if isinstance(part, TextPart)] if system else []
    text = texts[0] if len(texts) == 1 else "".join(f"{text} " for text in texts)
    segments = write(Marker.TURN_OPEN, "system\n")
    if options.thinking:
        segments += write(Marker.THINK, "\n")
    segments += write(text)
    for tool in options.tools:
        segments += tool_text.declaration(tool)
    return [*segments, *write(Marker.TURN_CLOSE, "\n")]


def _turn(turn: _Turn, before: str | None, after: str | None, show_thought: bool) -> list[Segment]:
    """One turn; a model turn that a tool loop has interrupted has neither a new header nor an end in between."""
    role = turn.message.role
    segments: list[Segment] = []
    if not (role == before == "assistant"):
        segments += write(Marker.TURN_OPEN, "model\n" if role == "assistant" else f"{role}\n")
    for part in turn.message.parts:
        if isinstance(part, ThoughtPart) and show_thought:
            segments += write(Marker.CHANNEL_OPEN, f"{THOUGHT_NAME}{part.text}\n", Marker.CHANNEL_CLOSE)
    for part in turn.calls:
        segments += tool_text.call(part)
    responses, content = turn.responses, _content(turn.message)
    segments += [*responses, *content]
    if turn.calls and not responses:
        return [*segments, *write(Marker.TOOL_RESPONSE_OPEN)]
    if role == after == "assistant" or (responses and not _visible(content) and after is None):
        return segments
    return [*segments, *write(Marker.TURN_CLOSE, "\n")]


def _content(message: Message) -> list[Segment]:
    segments: list[Segment] = []
    for part in message.parts:
        if isinstance(part, TextPart):
            text = _strip_thoughts(part.text) if message.role == "assistant" else part.text
            segments += write(text.strip())
        elif isinstance(part, MediaPart):
            segments.append(MediaSegment(part))
    return segments


def _visible(content: Sequence[Segment]) -> bool:
    return any(not isinstance(segment, TextSegment) or segment.text.strip() for segment in content)


def _strip_thoughts(text: str) -> str:
    """An earlier answer without thought blocks that were left in its text, an unclosed last one included."""
    return re.sub(r"<\|channel>.*?(<channel\|>|\Z)", "", text, flags=re.DOTALL).replace(Marker.CHANNEL_CLOSE, "")


def _begun(turn: _Turn, options: ChatOptions) -> list[Segment]:
    """What the model has written of a turn that was opened for it; to the letter, as it will read on from there."""
    thoughts = "".join(part.text for part in turn.message.parts if isinstance(part, ThoughtPart))
    words = "".join(part.text for part in turn.message.parts if isinstance(part, TextPart))
    segments: list[Segment] = []
    if thoughts and options.thinking:
        segments += write(Marker.CHANNEL_OPEN, THOUGHT_NAME, TextSegment(thoughts, apart=True))
        segments += write(Marker.CHANNEL_CLOSE) if words else []
    return [*segments, *write(TextSegment(words, apart=True))]


def _opening(last: _Turn | None, options: ChatOptions) -> list[Segment]:
    """What hands the word to the model."""
    if last is not None and last.responses:
        return write(Marker.CHANNEL_OPEN, THOUGHT_NAME) if options.thinking else []
    if last is not None and last.calls:
        return []
    segments = write(Marker.TURN_OPEN, "model\n")
    if options.empty_thought and not options.thinking:
        segments += write(Marker.CHANNEL_OPEN, THOUGHT_NAME, Marker.CHANNEL_CLOSE)
    return segments
