"""An Ask to the body of a request, and what to leave out of it for a server that does not know all of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from mlx_gemma4.engine.remote.content import ContentMaker
from mlx_gemma4.engine.remote.conversation import write_messages, write_plain, write_tools
from mlx_gemma4.protocol.requests import Ask

CHAT, PLAIN = "/chat/completions", "/completions"

_THINKING_BUDGETS = ("thinking_budget", "thinking_budget_tokens", "thinking_token_budget")
"""As mlx-vlm, llama.cpp and vLLM call it."""
OPTIONAL = (
    *("stream_options", "continue_final_message", "add_generation_prompt", "top_k", "top_p", "temperature", "seed"),
    *("reasoning_effort", "chat_template_kwargs", "enable_thinking", *_THINKING_BUDGETS),
)
"""What an answer can be had without. Strict servers name what they do not know in a refusal; it is left out then."""
_NEWER_LIMIT = "max_completion_tokens"


def write_body(request: Ask, model: str, maker: ContentMaker) -> dict[str, Any]:
    """The body, everything in it.

    Stop strings are not: servers look for them in thoughts, too, and most do not say that it was one that ended the
    answer. They are looked for here.

    Raises:
        MediaError: a file cannot be used.
        PromptError: the request cannot be written in this protocol.
    """
    body: dict[str, Any] = {
        "model": model,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": request.max_tokens,
        **_sampling(request),
    }
    if not request.chat_format:
        return {**body, "prompt": write_plain(request.messages)}
    body["messages"] = write_messages(request.messages, maker, all_thoughts=request.preserve_thinking)
    if request.continues:  # as vLLM and SGLang call it; llama.cpp does so by itself
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    if request.tools:
        body["tools"] = write_tools(request.tools)
    return {**body, **_thinking(request)}


def without(body: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The same without what a server does not know; the limit goes by its newer name then."""
    kept = {name: value for name, value in body.items() if name not in names}
    if "max_tokens" in names and "max_tokens" in body:
        kept[_NEWER_LIMIT] = body["max_tokens"]
    return kept


def refused_names(body: dict[str, Any], words: str) -> set[str]:
    """Which fields of the body a refusal names that can be left out."""
    return {name for name in (*OPTIONAL, "max_tokens") if name in body and re.search(rf"\b{name}\b", words)}


def _sampling(request: Ask) -> dict[str, Any]:
    sampling = request.sampling
    body: dict[str, Any] = {"temperature": sampling.temperature}
    if sampling.temperature > 0:  # otherwise there is one token to choose from
        body["top_p"] = sampling.top_p
        if sampling.top_k:
            body["top_k"] = sampling.top_k
    if sampling.seed is not None:
        body["seed"] = sampling.seed & (2**63 - 1)  # theirs have a sign
    return body


def _thinking(request: Ask) -> dict[str, Any]:
    """On and off: as vLLM, LM Studio and llama.cpp take it, mlx-vlm, and Ollama and OpenAI."""
    body: dict[str, Any] = {
        "chat_template_kwargs": {"enable_thinking": request.thinking},
        "enable_thinking": request.thinking,
        "reasoning_effort": "medium" if request.thinking else "none",
    }
    if request.thinking_budget is not None:
        body |= dict.fromkeys(_THINKING_BUDGETS, request.thinking_budget)
    return body
