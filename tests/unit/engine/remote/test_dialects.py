"""What vLLM, LM Studio, llama.cpp, Ollama, mlx-vlm and a server that does not stream say, byte by byte, as events.

The dialogues have the shapes of those servers' own sources and documentation; the words are ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mlx_gemma4.engine.remote.loading import RemoteModel
from mlx_gemma4.protocol.events import (
    BoxFound,
    CodeBlock,
    Event,
    PromptProgress,
    TextDelta,
    ThoughtDelta,
    ToolCallRequested,
    TurnFinished,
    UsageReport,
)
from mlx_gemma4.protocol.parts import Tool
from tests.unit.engine.remote.conftest import question
from tests.unit.engine.served import ScriptedServer

DIALOGUES = Path(__file__).parent / "dialogues"
WEATHER = Tool(
    "get_weather", "Looks out of the window.", {"type": "object", "properties": {"city": {"type": "string"}}}
)
BOX = BoxFound((120, 80, 560, 430), "cat")
WORDS = 'There is a cat:\n```json\n[{"box_2d": [120, 80, 560, 430], "label": "cat"}]\n```'
Ask = Callable[..., list[Event]]


def told(events: list[Event]) -> list[object]:
    """The events that say something, words joined."""
    found: list[object] = []
    for event in events:
        match event:
            case TextDelta(text) | ThoughtDelta(text):
                if found and isinstance(found[-1], list) and found[-1][0] is type(event):
                    found[-1][1] += text
                else:
                    found.append([type(event), text])
            case ToolCallRequested(name, arguments):
                found.append((name, arguments))
            case BoxFound(box, label):
                found.append((box, label))
            case TurnFinished(reason):
                found.append(reason)
            case _:
                pass
    return found


def words(events: list[Event], kind: type = TextDelta) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["vllm", "lmstudio", "llamacpp", "ollama", "mlxvlm"])
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_thoughts_words_and_boxes(server: ScriptedServer, ask: Ask, name: str, size: int) -> None:
    sent = (DIALOGUES / f"{name}-boxes.txt").read_bytes()
    server.always(*(sent[start : start + size] for start in range(0, len(sent), size)))
    events = ask("What is here?", thinking=True)
    assert words(events, ThoughtDelta) == "A cat, I think."
    assert words(events) == WORDS
    assert [(event.box, event.label) for event in events if isinstance(event, BoxFound)] == [(BOX.box, BOX.label)]
    assert [event.closed for event in events if isinstance(event, CodeBlock)] == [True]
    *_, usage, end = events
    assert isinstance(usage, UsageReport) and (usage.prompt_tokens, usage.completion_tokens) == (281, 42)
    assert end == TurnFinished("end_of_turn", seq=end.seq, request_id="ask")
    assert [event.seq for event in events] == list(range(len(events)))
    assert server.asked[0].body["chat_template_kwargs"] == {"enable_thinking": True}


def test_a_box_arrives_when_its_object_closes(server: ScriptedServer, ask: Ask) -> None:
    server.always((DIALOGUES / "lmstudio-boxes.txt").read_bytes())
    events = ask()
    place = next(number for number, event in enumerate(events) if isinstance(event, BoxFound))
    assert words(events[:place]).endswith("}") and words(events[place:]) == "]\n```"


@pytest.mark.parametrize("name", ["vllm", "lmstudio", "llamacpp", "ollama"])
def test_calls_in_pieces_and_whole(server: ScriptedServer, ask: Ask, name: str) -> None:
    server.always((DIALOGUES / f"{name}-calls.txt").read_bytes())
    events = ask("And the weather?", tools=(WEATHER,))
    calls = [(event.name, event.arguments) for event in events if isinstance(event, ToolCallRequested)]
    assert calls == [("get_weather", {"city": "Köln"}), ("get_weather", {"city": "São Paulo"})]
    assert events[-1] == TurnFinished("tool_calls", seq=events[-1].seq, request_id="ask")


def test_llama_cpp_tells_how_far_the_prompt_is(server: ScriptedServer, ask: Ask) -> None:
    server.always((DIALOGUES / "llamacpp-boxes.txt").read_bytes())
    progress = [(event.done, event.total) for event in ask() if isinstance(event, PromptProgress)]
    assert progress == [(128, 281), (281, 281)]


def test_markers_that_a_server_passes_on_are_read_as_ours(server: ScriptedServer, ask: Ask) -> None:
    call = '<|tool_call>call:get_weather{city:<|"|>Rom<|"|>}<tool_call|>'
    raw = f"<|channel>thought\nHm.<channel|>Let me look.{call}<turn|>"
    pieces = [raw[start : start + 5] for start in range(0, len(raw), 5)]
    server.always(*({"choices": [{"delta": {"content": piece}}]} for piece in pieces), "[DONE]")
    assert told(ask("?", tools=(WEATHER,))) == [
        [ThoughtDelta, "Hm."],
        [TextDelta, "Let me look."],
        ("get_weather", {"city": "Rom"}),
        "tool_calls",
    ]


def test_a_server_that_does_not_stream(server: ScriptedServer, ask: Ask) -> None:
    message = {"role": "assistant", "content": "Yes.", "reasoning": "Easy."}
    whole = {"choices": [{"message": message, "finish_reason": "length"}], "usage": {"completion_tokens": 4}}
    server.always(body=json.dumps(whole).encode())
    assert told(ask()) == [[ThoughtDelta, "Easy."], [TextDelta, "Yes."], "max_tokens"]


def test_plain_continuation(server: ScriptedServer, model: RemoteModel) -> None:
    server.always(
        {"choices": [{"text": " upon", "index": 0}]}, {"choices": [{"text": " a time", "finish_reason": "stop"}]}
    )
    events = list(model.engine.ask(question("Once", chat_format=False)))
    assert words(events) == " upon a time"
    assert server.asked[0].path == "/v1/completions" and server.asked[0].body["prompt"] == "Once"
