"""What the prompt's renderer writes for a call, the parser reads back equal, through real token ids."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlx_gemma4.engine.answering import channel_ids
from mlx_gemma4.parsing.event_parser import EventParser
from mlx_gemma4.prompt import tool_text
from mlx_gemma4.prompt.segments import MarkerSegment, Segment, TextSegment, join_texts
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.events import ToolCallRequested
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.parts import ToolCallPart


@pytest.fixture(scope="module")
def tokenizer(tokenizer_folder: Path) -> Tokenizer:
    return Tokenizer(tokenizer_folder)


def encode(tokenizer: Tokenizer, segments: list[Segment]) -> list[int]:
    ids: list[int] = []
    for segment in join_texts(segments):
        if isinstance(segment, MarkerSegment):
            ids.append(tokenizer.special[segment.marker])
        elif isinstance(segment, TextSegment):
            ids += tokenizer.encode_text(segment.text)
    return ids


def read_back(tokenizer: Tokenizer, *calls: ToolCallPart) -> list[ToolCallPart]:
    parser = EventParser(channel_ids(tokenizer.special), tokenizer.stream_decoder())
    written = [segment for call in calls for segment in tool_text.call(call)]
    events = [event for token in encode(tokenizer, written) for event in parser.feed(token)]
    assert parser.finish(complete=True) == []
    requested = [event for event in events if isinstance(event, ToolCallRequested)]
    assert len(requested) == len(events)
    return [ToolCallPart(event.name, event.arguments) for event in requested]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"days": 3, "flag": True, "l": ["a", 1], "location": 'Paris, "FR"', "n": None, "o": {"k": "v"}},
        {"text": 'braces } ] , : {\n new "line" \\n', "marker": '<|"|><tool_call|>', "empty": ""},
        {"a b": 1, "a:b": 2, "": 3, "{": 4, '"q"': 5, " s": 6, "x,y": 7, "é-ü": 8, "'": 9},
        {"deep": [[[{"a": [{"b": {}}]}]]], "numbers": [0, -1, 1.5, 1e300, -2.5e-7, 10**30]},
        {"words": ["true", "null", "1", "None", "call:f{}", "'x'"]},
    ],
)
def test_calls_are_read_back_equal(tokenizer: Tokenizer, arguments: JsonObject) -> None:
    call = ToolCallPart("ns.get-weather:v2", arguments)
    assert read_back(tokenizer, call) == [call]
    assert read_back(tokenizer, call, ToolCallPart("g", {}), call) == [call, ToolCallPart("g", {}), call]


strings = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁"))  # which stands for a space
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | strings,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=8,
)


@given(st.from_regex(r"[A-Za-z0-9_.:/-]*[A-Za-z0-9_]", fullmatch=True), st.dictionaries(strings, values, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_call_is_read_back_equal(tokenizer: Tokenizer, name: str, arguments: JsonObject) -> None:
    if name.startswith((":", "call:")):
        name = f"f{name}"
    call = ToolCallPart(name, arguments)
    assert read_back(tokenizer, call) == [call]
