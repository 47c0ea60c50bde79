"""Messages in the Hugging Face chat form to the protocol's messages."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.parts import (
    AudioPart,
    DocumentPart,
    ImagePart,
    Message,
    Part,
    Role,
    TextPart,
    ThoughtPart,
    Tool,
    ToolCallPart,
    ToolResponsePart,
    VideoPart,
)

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
}
_MEDIA_KINDS = ("image", "image_url", "audio", "input_audio", "video", "document")


def read_messages(messages: Iterable[Mapping[str, Any] | Message]) -> tuple[Message, ...]:
    """Messages as people write them: `{"role": "user", "content": "…" or a list of parts}`.

    Parts are `{"type": "text", "text": …}` and `{"type": "image" | "audio" | "video" | "document", "path": …}`. What is
    seen may have `max_soft_tokens`, audio `start` and `end` in seconds, a video `sound: false`, a document `pages:
    [first, last]`. Assistant messages may have `reasoning` (or `reasoning_content`), `tool_calls` and `tool_responses`;
    messages of role `tool` answer the calls before them, with text, parts or an object. Ready-made `Message`s pass
    through.

    Raises:
        PromptError: a role, part or tool call is not of this form.
    """
    read: list[Message] = []
    calls: list[tuple[object, str]] = []  # ids and names of the latest ones
    answered = 0
    for message in messages:
        if isinstance(message, Message):
            read.append(message)
            continue
        if message.get("role") == "tool":
            read.append(Message("tool", _tool_answer(message, _answered_function(message, calls, answered))))
            answered += 1
        else:
            calls = [(call.get("id"), _function_of(call)["name"]) for call in message.get("tool_calls") or []]
            answered = 0
            read.append(_read_message(message))
    return tuple(read)


def read_tools(tools: Iterable[Mapping[str, Any] | Tool] | None) -> tuple[Tool, ...]:
    """Function declarations: `{"type": "function", "function": {"name", "description", "parameters"}}`.

    Raises:
        PromptError: a declaration has no name.
    """
    return tuple(tool if isinstance(tool, Tool) else _read_tool(tool) for tool in tools or ())


def _read_tool(tool: Mapping[str, Any]) -> Tool:
    function = _function_of(tool)
    return Tool(function["name"], function.get("description") or "", function.get("parameters"))


def _function_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    function = entry.get("function", entry)
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise PromptError(f"A tool or tool call has no function name: {entry!r}.")
    return function


def _read_message(message: Mapping[str, Any]) -> Message:
    role = _ROLES.get(str(message.get("role")))
    if role is None:
        raise PromptError(f"The role {message.get('role')!r} does not exist.", f"Use one of {', '.join(_ROLES)}.")
    content = _read_content(message.get("content"))
    parts: list[Part] = []
    thought = message.get("reasoning") or message.get("reasoning_content")
    if thought:
        parts.append(ThoughtPart(str(thought)))
    parts.extend(_read_call(call) for call in message.get("tool_calls") or [])
    for answer in message.get("tool_responses") or []:
        parts.append(ToolResponsePart(answer.get("name") or "unknown", answer.get("response")))
    return Message(role, (*parts, *content))


def _read_call(call: Mapping[str, Any]) -> ToolCallPart:
    function = _function_of(call)
    arguments = function.get("arguments")
    if isinstance(arguments, str):  # as OpenAI's API has them
        try:
            arguments = json.loads(arguments or "null")
        except (ValueError, RecursionError):
            arguments = function["arguments"]
    if arguments is not None and not isinstance(arguments, Mapping):
        raise PromptError(
            f"The arguments of the call to {function['name']} are {type(arguments).__name__}, not an object.",
            'Give an object, or the JSON text of one: {"city": "Paris"}.',
        )
    return ToolCallPart(function["name"], dict(arguments or {}))


def _answered_function(message: Mapping[str, Any], calls: Sequence[tuple[object, str]], number: int) -> str:
    """Whose answer a tool message is: by the call's id, or by name, or else the n-th answers the n-th call."""
    wanted, name = message.get("tool_call_id"), message.get("name")
    by_id = [called for call_id, called in calls if wanted is not None and call_id == wanted]
    if by_id or name or wanted is not None or not calls:
        return by_id[-1] if by_id else str(name or "unknown")
    return calls[min(number, len(calls) - 1)][1]


def _tool_answer(message: Mapping[str, Any], name: str) -> tuple[Part, ...]:
    """A tool message as one response: an object as it is, or the joined texts, followed by the media in it."""
    content = message.get("content")
    if content is None or isinstance(content, Mapping):
        return (ToolResponsePart(name, None if content is None else dict(content)),)
    parts = _read_content(content)
    text = "".join(part.text for part in parts if isinstance(part, TextPart))
    return (ToolResponsePart(name, text), *(part for part in parts if not isinstance(part, TextPart)))


def _read_content(content: object) -> tuple[Part, ...]:
    if content is None:
        return ()
    if isinstance(content, str):
        return (TextPart(content),)
    if isinstance(content, Mapping) or not isinstance(content, Sequence):
        raise PromptError(
            f"The content of a message is {type(content).__name__}; it must be text or a list of parts.",
            "Give an object that a tool returned as tool_responses, or as JSON text.",
        )
    return tuple(_read_part(part) for part in content)


def _read_part(part: object) -> Part:
    if not isinstance(part, Mapping):
        raise PromptError(f"A part of a message is {part!r}; it must be an object with a type.")
    kind = part.get("type")
    if kind == "text" and isinstance(part.get("text"), str):
        return TextPart(part["text"])
    if kind in _MEDIA_KINDS:
        return _read_media(part, str(kind), _path_of(part, str(kind)))
    raise PromptError(f"A part of a message has the type {kind!r}.", "Use text, image, audio, video or document.")


def _read_media(part: Mapping[str, Any], kind: str, path: str) -> Part:
    budget = part.get("max_soft_tokens")
    match kind:
        case "video":
            return VideoPart(path, part.get("sound", True), budget)
        case "document":
            return DocumentPart(path, _read_pages(part.get("pages")), budget)
        case "audio" | "input_audio":
            return AudioPart(path, _seconds_of(part, "start") or 0.0, _seconds_of(part, "end"))
        case _:
            return ImagePart(path, budget)


def _read_pages(pages: object) -> tuple[int, int] | None:
    """One page number, or the first and the last."""
    match pages:
        case None:
            return None
        case int():
            return (pages, pages)
        case [int(first), int(last)]:
            return (first, last)
    raise PromptError(f"The pages of a document are {pages!r}.", 'Give "pages": [first, last], counted from 1.')


def _path_of(part: Mapping[str, Any], kind: str) -> str:
    for key in ("path", "url", kind):
        value = part.get(key)
        if isinstance(value, Mapping):  # OpenAI's {"image_url": {"url": …}}
            value = value.get("url")
        if isinstance(value, (str, os.PathLike)):
            return os.fspath(value)
    raise PromptError(f"A part of type {kind} names no file.", 'Give its place as "path".')


def _seconds_of(part: Mapping[str, Any], key: str) -> float | None:
    value = part.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise PromptError(f"The {key} of a sound is {value!r}; it must be a number of seconds.")
    return value
