"""Wire: what is written comes back equal, and readers survive strangers and cut-off lines."""

from __future__ import annotations

import json
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.protocol import (
    care,
    event_base,
    events,
    model_events,
    model_requests,
    parts,
    requests,
    server_events,
    server_requests,
    wire,
)
from mlx_gemma4.protocol.cost import SOFT_TOKEN_BUDGETS, MediaBudgets
from mlx_gemma4.protocol.errors import WireError
from mlx_gemma4.protocol.memory_fit import MachineMemory

numbers = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 2**53)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
json_objects = st.dictionaries(st.text(), json_values, max_size=3)
media_budgets = st.builds(MediaBudgets, counts, counts, counts, st.sampled_from([None, "mel", "frames"]))
budgets = st.none() | st.sampled_from(SOFT_TOKEN_BUDGETS)
any_part = st.one_of(
    st.builds(parts.TextPart, st.text()),
    st.builds(parts.ImagePart, st.text(), budgets),
    st.builds(parts.AudioPart, st.text(), st.floats(0, 1e6), st.none() | st.floats(1e6 + 1, 1e7)),
    st.builds(parts.VideoPart, st.text(), st.booleans(), budgets),
    st.builds(parts.DocumentPart, st.text(), st.none() | st.tuples(st.just(2), st.integers(2, 9)), budgets),
    st.builds(parts.ThoughtPart, st.text()),
    st.builds(parts.ToolCallPart, st.text(), json_objects),
    st.builds(parts.ToolResponsePart, st.text(), json_values),
)
messages = st.builds(
    parts.Message,
    st.sampled_from(["system", "user", "assistant", "tool"]),
    st.lists(any_part, max_size=3).map(tuple),
)
samplings = st.builds(
    requests.SamplingSettings,
    st.floats(0, 100),
    st.integers(0, 10**6),
    st.floats(0, 1, exclude_min=True),
    st.none() | st.integers(0, 2**64 - 1),
)
loop_guards = st.builds(requests.LoopGuard, st.integers(2, 10**6), st.integers(1, 10**6), st.integers(1, 4096))
media_costs = st.builds(care.MediaCost, st.sampled_from(typing.get_args(care.MediaKind)), counts, st.integers(1, 2**53))
tools = st.lists(st.builds(parts.Tool, st.text(), st.text(), st.none() | json_objects), max_size=2).map(tuple)
any_request = st.one_of(
    st.builds(care.Unload, st.text()),
    st.builds(
        care.EstimateAsk,
        st.text(),
        st.lists(messages, max_size=3).map(tuple),
        st.lists(media_costs, max_size=3).map(tuple),
        *(counts, st.booleans(), tools, st.booleans(), counts),
    ),
    st.builds(requests.Load, st.text(), st.text(), st.booleans()),
    st.builds(server_requests.LoadRemote, *4 * [st.text()], st.booleans()),
    st.builds(server_requests.ListServer, *3 * [st.text()], st.booleans()),
    st.builds(model_requests.ListModels, st.text(), st.text(), counts),
    st.builds(model_requests.FitModel, st.text(), st.text(), counts),
    st.builds(model_requests.RemoveModel, *3 * [st.text()], counts),
    st.builds(model_requests.RestoreModel, *3 * [st.text()], counts),
    st.builds(model_requests.Download, st.text(), st.just("owner/some-model.v2"), st.text(), st.text()),
    st.builds(requests.ProbeMedia, st.text(), st.text(), budgets, media_budgets),
    st.builds(
        requests.ShowMedia,
        st.text(),
        st.text(),
        st.integers(1, 50),
        st.floats(0, 1e6),
        st.none() | st.just((0.0, 10.5, 500.0, 1000.0)),
        st.none() | st.integers(1, 5000),
    ),
    st.builds(requests.ComparePages, *3 * [st.text()], *2 * [st.none() | st.text()]),
    st.builds(requests.Stop, st.text(), st.text()),
    st.builds(
        requests.Transcribe,
        st.text(),
        st.text(),
        st.none() | st.just("Old Norse"),
        st.none() | st.just("Chinese (Taiwan)"),
        samplings,
        st.integers(1, 10**6),
        st.none() | loop_guards,
        st.floats(0, 1e6),
        st.none() | st.floats(1e6 + 1, 1e7),
        counts,
    ),
    st.builds(requests.HearMedia, st.text(), st.text()),
    st.builds(
        requests.Ask,
        st.text(),
        st.lists(messages, max_size=3).map(tuple),
        samplings,
        st.integers(1, 10**6),
        st.just(True),
        tools,
        budgets,
        st.none() | counts,
        st.lists(st.text(min_size=1), max_size=2).map(tuple),
        st.none() | loop_guards,
    ),
)
place = {"seq": counts, "request_id": st.text()}
grid = st.integers(0, 1000)
machine_memory = st.builds(MachineMemory, *4 * [counts])
found_models = st.builds(
    model_events.FoundModel,
    *(st.text(), st.text(), st.text(), counts, counts, st.sampled_from(typing.get_args(model_events.ModelPlace))),
    *(st.text(), counts, counts, st.booleans(), st.booleans(), st.text()),
)
offered_models = st.builds(
    model_events.OfferedModel,
    *(st.text(), st.text(), st.text(), counts, counts, counts, st.text(), st.text()),
    *3 * [st.booleans()],
)
any_event = st.one_of(
    st.builds(care.ModelUnloaded, **place),
    st.builds(care.AskEstimated, *3 * [counts], machine_memory, **place),
    st.builds(events.ModelLoading, st.text(), **place),
    st.builds(
        events.ModelReady,
        *(st.text(), st.text(), counts, counts, st.booleans(), st.booleans(), counts, st.text(), st.booleans()),
        **place,
    ),
    st.builds(
        events.MediaProbed,
        st.sampled_from(["picture", "sound", "clip", "document"]),
        *(counts, counts, counts, st.text(), st.text(), st.floats(0, 1e9), counts),
        st.lists(st.floats(0, 1e6), max_size=3).map(tuple),
        **place,
    ),
    st.builds(events.MediaShown, counts, counts, st.text(), st.text(), **place),
    st.builds(
        events.MediaHeard, st.text(), st.floats(0, 1e9), st.lists(st.floats(0, 1), max_size=4).map(tuple), **place
    ),
    st.builds(
        events.PagesCompared,
        *5 * [numbers],
        st.lists(st.builds(events.DifferentRegion, st.tuples(grid, grid, grid, grid), numbers), max_size=3).map(tuple),
        st.text(),
        st.none() | numbers,
        **place,
    ),
    st.builds(
        model_events.ModelsFound,
        st.lists(found_models, max_size=2).map(tuple),
        st.lists(offered_models, max_size=2).map(tuple),
        machine_memory,
        counts,
        **place,
    ),
    st.builds(
        server_events.ServerListed,
        st.text(),
        st.lists(
            st.builds(server_events.ServedModel, st.text(), *2 * [st.none() | st.booleans()], counts), max_size=2
        ).map(tuple),
        **place,
    ),
    st.builds(model_events.FitEstimated, st.text(), counts, machine_memory, **place),
    st.builds(model_events.DownloadProgress, counts, counts, numbers, st.text(), st.booleans(), **place),
    st.builds(model_events.DownloadFinished, st.text(), st.text(), **place),
    st.builds(events.Remark, st.text(), **place),
    st.builds(events.PromptProgress, counts, counts, **place),
    st.builds(events.TextDelta, st.text(), **place),
    st.builds(events.ThoughtDelta, st.text(), **place),
    st.builds(events.ToolCallRequested, st.text(), json_objects, **place),
    st.builds(
        events.BoxFound,
        st.tuples(grid, grid, grid, grid),
        st.text(),
        counts,
        st.none() | counts,
        st.none() | st.floats(0, 1e6),
        **place,
    ),
    st.builds(events.TranscriptSegment, numbers, numbers, st.text(), st.none() | st.text(), counts, **place),
    st.builds(events.CodeBlock, st.text(), st.text(), st.booleans(), **place),
    st.builds(events.Unparsed, st.sampled_from(["box", "tool_call"]), st.text(), **place),
    st.builds(events.UsageReport, counts, counts, numbers, numbers, counts, counts, numbers, **place),
    st.builds(events.TurnFinished, st.sampled_from(typing.get_args(events.FinishReason)), **place),
    st.builds(events.EngineFailed, st.text(), st.text(), st.text(), st.booleans(), **place),
)


@given(any_event)
def test_an_event_comes_back_equal_from_its_dict_and_from_its_line(event: events.Event) -> None:
    assert wire.event_from_dict(wire.to_dict(event)) == event
    assert list(wire.read_events([wire.to_line(event)])) == [event]


@given(any_request)
def test_a_request_comes_back_equal_from_its_dict_and_from_its_line(request: requests.Request) -> None:
    assert wire.request_from_dict(wire.to_dict(request)) == request
    assert list(wire.read_requests([wire.to_line(request)])) == [request]


@given(st.lists(any_event, min_size=1, max_size=4), st.data())
def test_a_last_line_cut_anywhere_is_dropped_and_the_rest_kept(
    written: list[events.Event], data: st.DataObject
) -> None:
    lines = [wire.to_line(event) for event in written]
    cut = data.draw(st.integers(0, len(lines[-1]) - 1))
    assert list(wire.read_events([*lines[:-1], lines[-1][:cut]])) == written[:-1]


def test_every_event_and_request_class_is_covered_by_the_strategies() -> None:
    covered = {"ModelLoading", "ModelReady", "MediaProbed", "PromptProgress", "TextDelta", "ThoughtDelta"}
    covered |= {"ToolCallRequested", "BoxFound", "TranscriptSegment", "Unparsed", "UsageReport", "TurnFinished"}
    covered |= {"EngineFailed", "Remark", "CodeBlock", "PagesCompared", "MediaHeard", "MediaShown"}
    covered |= {"ModelsFound", "FitEstimated", "DownloadProgress", "DownloadFinished", "ServerListed"}
    covered |= {"ModelUnloaded", "AskEstimated"}
    subclasses = {kind.__name__ for kind in event_base.EventBase.__subclasses__()}
    assert subclasses == covered
    assert all(wire.event_from_dict({"type": "SomethingNewer"}) is None for _ in subclasses)


def test_an_event_of_a_later_version_is_skipped() -> None:
    lines = ['{"type":"SpeakerChanged","name":"x"}\n', wire.to_line(events.TextDelta("a", seq=3))]
    assert list(wire.read_events(lines)) == [events.TextDelta("a", seq=3)]


def test_a_field_of_a_later_version_is_skipped() -> None:
    values = {**wire.to_dict(events.TextDelta("a")), "language": "fr"}
    assert wire.event_from_dict(values) == events.TextDelta("a")


@pytest.mark.parametrize(
    "values",
    [
        {"type": "TextDelta"},
        {"type": "TextDelta", "text": 3},
        {"type": "PromptProgress", "done": True, "total": 2},
        {"type": "BoxFound", "box": [1, 2, 3], "label": "x"},
        {"type": "BoxFound", "box": "1234", "label": "x"},
        {"type": "TurnFinished", "reason": "bored"},
    ],
)
def test_a_known_event_with_wrong_fields_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(WireError):
        wire.event_from_dict(values)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "values",
    [{}, {"type": "Sing"}, {"type": "Ask", "id": "1", "messages": [{"type": "Message", "role": "user", "parts": [3]}]}],
)
def test_an_unknown_or_broken_request_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(WireError):
        wire.request_from_dict(values)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("line", ["{nonsense}\n", "[1]\n", json.dumps("text") + "\n"])
def test_a_whole_line_that_is_not_an_object_is_refused(line: str) -> None:
    with pytest.raises(WireError):
        list(wire.read_events([line]))
