"""A payload of a streamed answer to what it adds, in every dialect that servers have.

vLLM, LM Studio, llama.cpp, Ollama, mlx-vlm and OpenAI agree on `choices[0].delta.content`. They differ in the rest:
thoughts come as `reasoning_content` or `reasoning`; calls whole or in pieces; figures in a last chunk without choices,
or beside the last words, or not at all; `role` once or every time; null or nothing for what is not there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

END = "[DONE]"


@dataclass(frozen=True)
class CallPiece:
    """A piece of a tool call; pieces with the same number belong together."""

    number: int
    name: str
    arguments: str
    id: str


@dataclass(frozen=True)
class Figures:
    """What the server has counted; 0 where it does not say."""

    prompt_tokens: int
    completion_tokens: int
    reused_tokens: int


@dataclass(frozen=True)
class Chunk:
    """What one payload adds.

    Attributes:
        text: of the answer.
        thought: of what the model thinks before it.
        calls: pieces of tool calls.
        reason: why the answer ends, in the server's words; empty while it does not.
        figures: None where there are none.
        progress: of the prompt, tokens read and all; llama.cpp tells if asked.
        problem: what the server says went wrong; empty for nothing.
    """

    text: str = ""
    thought: str = ""
    calls: tuple[CallPiece, ...] = ()
    reason: str = ""
    figures: Figures | None = None
    progress: tuple[int, int] | None = None
    problem: str = ""

    @property
    def has_words(self) -> bool:
        """Whether the model has written something."""
        return bool(self.text or self.thought or self.calls)


def read_chunk(payload: str) -> Chunk:
    """What a payload adds; fields that are not what they should be count as absent.

    Raises:
        ValueError: it is no JSON object.
    """
    values = json.loads(payload)
    if not isinstance(values, dict):
        raise ValueError("not an object")
    problem = problem_of(values)
    if problem:
        return Chunk(problem=problem)
    choice = _object(_first(values.get("choices")))
    delta = _object(choice.get("delta") or choice.get("message"))
    return Chunk(
        text=_text(delta.get("content")) or _text(choice.get("text")),
        thought=_text(delta.get("reasoning_content")) or _text(delta.get("reasoning")),
        calls=_calls(delta.get("tool_calls")),
        reason=_text(choice.get("finish_reason")),
        figures=_figures(values),
        progress=_progress(values.get("prompt_progress")),
    )


def problem_of(values: Mapping[str, Any]) -> str:
    """What a server says went wrong: `{"error": {"message": …}}`, `{"error": "…"}`, `detail`, or one without a frame.

    Empty for an answer that is none of these.
    """
    error = values.get("error")
    if error is None and "choices" not in values and "message" in values:
        error = values
    if error is None and "choices" not in values:
        error = values.get("detail")
    if isinstance(error, Mapping):
        message, param = _text(error.get("message")), _text(error.get("param"))
        about = f" ({param})" if param and param not in message else ""
        return (message or json.dumps(error)) + about
    if isinstance(error, str):
        return error
    return json.dumps(error) if error else ""


def _calls(values: Any) -> tuple[CallPiece, ...]:
    pieces: list[CallPiece] = []
    for place, value in enumerate(values if isinstance(values, list) else ()):
        call = _object(value)
        function = _object(call.get("function"))
        number = call.get("index")
        arguments = function.get("arguments")
        pieces.append(
            CallPiece(
                number if isinstance(number, int) else place,
                _text(function.get("name")),
                json.dumps(arguments) if isinstance(arguments, dict) else _text(arguments),
                _text(call.get("id")),
            )
        )
    return tuple(pieces)


def _figures(values: Mapping[str, Any]) -> Figures | None:
    usage = _object(values.get("usage"))
    if not usage:
        return None
    details = _object(usage.get("prompt_tokens_details"))
    return Figures(
        _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")), _count(details.get("cached_tokens"))
    )


def _progress(values: Any) -> tuple[int, int] | None:
    progress = _object(values)
    done, total = _count(progress.get("processed")), _count(progress.get("total"))
    return (min(done, total), total) if total else None


def _first(values: Any) -> Any:
    return values[0] if isinstance(values, list) and values else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
