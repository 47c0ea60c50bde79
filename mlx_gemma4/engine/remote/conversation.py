"""Messages of our protocol to messages of OpenAI's."""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mlx_gemma4.engine.remote.content import Content, ContentMaker, text_content
from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.parts import (
    AudioPart,
    DocumentPart,
    ImagePart,
    MediaPart,
    Message,
    TextPart,
    ThoughtPart,
    Tool,
    ToolCallPart,
    ToolResponsePart,
    VideoPart,
)


def write_messages(messages: Sequence[Message], maker: ContentMaker, *, all_thoughts: bool) -> list[dict[str, Any]]:
    """The conversation.

    Thoughts stay where they led to calls whose results the model is still working on, and everywhere with
    `all_thoughts`, as in Gemma's own template.

    Raises:
        MediaError: a file cannot be used.
    """
    writer = _Writer(maker)
    last_question = max((place for place, message in enumerate(messages) if message.role == "user"), default=-1)
    for place, message in enumerate(messages):
        writer.add(message, with_thoughts=all_thoughts or place > last_question)
    return writer.written


def write_tools(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """Functions that the model may call."""
    nothing = {"type": "object", "properties": {}}
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": nothing if tool.parameters is None else tool.parameters,
            },
        }
        for tool in tools
    ]


def write_plain(messages: Sequence[Message]) -> str:
    """Texts one after the other, for a model that only goes on with them.

    Raises:
        PromptError: there are files among them.
    """
    parts = [part for message in messages for part in message.parts]
    if not all(isinstance(part, TextPart) for part in parts):
        raise PromptError("A server goes on with text alone, without files.", "Ask in the chat format.")
    return "".join(part.text for part in parts if isinstance(part, TextPart))


class _Writer:
    """Our calls have no ids and theirs need some: results follow their calls in order, name by name."""

    def __init__(self, maker: ContentMaker) -> None:
        self.written: list[dict[str, Any]] = []
        self._maker = maker
        self._numbers = itertools.count(1)
        self._open: deque[tuple[str, str]] = deque()  # name and id of calls without their results

    def add(self, message: Message, *, with_thoughts: bool) -> None:
        """Write a message, with what hangs on it."""
        calls = [part for part in message.parts if isinstance(part, ToolCallPart)]
        thoughts = [part.text for part in message.parts if isinstance(part, ThoughtPart)]
        responses = [part for part in message.parts if isinstance(part, ToolResponsePart)]
        content = list(self._content(message.parts))
        if message.role == "tool":
            self._respond(responses, content)
            return
        written: dict[str, Any] = {"role": message.role}
        if calls:
            written["tool_calls"] = [self._call(call) for call in calls]
        if thoughts and with_thoughts and calls:
            written["reasoning_content"] = "".join(thoughts)
        if message.role == "assistant" and responses:  # what it said after them comes after them
            self.written.append({**written, "content": ""})
            self._respond(responses, [])
            written = {"role": "assistant"}
            if not content:
                return
        if content or calls or message.role != "assistant":
            self.written.append({**written, "content": _as_text(content)})

    def _content(self, parts: Iterable[object]) -> Iterator[Content]:
        for part in parts:
            if isinstance(part, TextPart):
                yield text_content(part.text)
            elif isinstance(part, ImagePart | AudioPart | VideoPart | DocumentPart):
                media: MediaPart = part
                yield from self._maker.make(media)

    def _call(self, call: ToolCallPart) -> dict[str, Any]:
        name = f"call{next(self._numbers):05d}"  # nine letters and digits: some templates take nothing else
        self._open.append((call.name, name))
        function = {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)}
        return {"id": name, "type": "function", "function": function}

    def _respond(self, responses: Sequence[ToolResponsePart], content: list[Content]) -> None:
        """Results as text, which is all that the protocol has room for; pictures in them follow as a message."""
        for response in responses:
            said = response.response
            text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
            self.written.append({"role": "tool", "tool_call_id": self._id_of(response.name), "content": text})
        if content:
            what = f"This came with what {responses[-1].name if responses else 'the function'} returned:"
            self.written.append({"role": "user", "content": [text_content(what), *content]})

    def _id_of(self, name: str) -> str:
        place = next((place for place, (called, _) in enumerate(self._open) if called == name), 0)
        if not self._open:
            return f"call{next(self._numbers):05d}"
        found = self._open[place][1]
        del self._open[place]
        return found


def _as_text(content: list[Content]) -> str | list[Content]:
    """Text alone goes as a string, which every server takes."""
    if all(item["type"] == "text" for item in content):
        return "".join(item["text"] for item in content)
    return content
