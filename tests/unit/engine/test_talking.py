"""A tool loop through the whole engine: thoughts within their budget, prompts read on, the same answer as read anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.generation.pace import ChunkPace
from mlx_gemma4.prompt.checkpoint_files import read_prompt_defaults
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.events import Event, TextDelta, ThoughtDelta, UsageReport
from mlx_gemma4.protocol.parts import (
    ImagePart,
    Message,
    Part,
    TextPart,
    ThoughtPart,
    Tool,
    ToolCallPart,
    ToolResponsePart,
)
from mlx_gemma4.protocol.requests import Ask, SamplingSettings
from mlx_gemma4.weights.loader import load_model

BUDGET = 5
TOOLS = (Tool("look", "Takes a picture", {"properties": {"at": {"type": "string"}}}),)


@pytest.fixture
def engines(model_folder: Path) -> tuple[Engine, Engine]:
    """One that remembers, and one that will be made to forget."""
    model, _ = load_model(model_folder)
    tokenizer, defaults = Tokenizer(model_folder), read_prompt_defaults(model_folder)
    first, second = (Engine(model, tokenizer, defaults, ChunkPace(24)) for _ in range(2))
    return first, second


def words(events: list[Event], kind: type[TextDelta] | type[ThoughtDelta]) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


def usage(events: list[Event]) -> UsageReport:
    return next(event for event in events if isinstance(event, UsageReport))


@pytest.mark.parametrize("preserve_thinking", [False, True])
def test_a_tool_loop_with_pictures_thinks_within_its_budget_and_reads_on(
    engines: tuple[Engine, Engine], picture_file: Path, preserve_thinking: bool
) -> None:
    _, forgetful = engines
    messages = [Message("user", (TextPart("the box?"),))]
    for step in range(3):
        answers: list[list[Event]] = []
        for asked in engines:
            forgetful.forget()
            request = Ask(
                f"ask-{step}",
                tuple(messages),
                SamplingSettings(temperature=3.0, seed=step),
                max_tokens=24,
                thinking=True,
                thinking_budget=BUDGET,
                tools=TOOLS,
                preserve_thinking=preserve_thinking,
            )
            answers.append(list(asked.ask(request)))
        events, fresh = answers
        assert [words(events, kind) for kind in (ThoughtDelta, TextDelta)] == [
            words(fresh, kind) for kind in (ThoughtDelta, TextDelta)
        ]
        assert sum(isinstance(event, ThoughtDelta) for event in events) <= BUDGET, "at most one for every token"
        if step:
            assert words(events, ThoughtDelta), "the prompt has opened a thought"
            assert usage(events).reused_tokens > usage(events).prompt_tokens // 2 > usage(fresh).reused_tokens == 0
        parts: tuple[Part, ...] = (ThoughtPart(words(events, ThoughtDelta)), ToolCallPart("look", {"at": f"{step}"}))
        messages.append(Message("assistant", parts))
        messages.append(Message("tool", (ToolResponsePart("look", "shot"), ImagePart(str(picture_file)))))
