"""Engine: numbered events, one terminal event, stopping at any moment."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.generation.session import Guide, Session
from mlx_gemma4.prompt.checkpoint_files import read_prompt_defaults
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.events import (
    BoxFound,
    EngineFailed,
    Event,
    PromptProgress,
    TextDelta,
    ThoughtDelta,
    ToolCallRequested,
    TurnFinished,
    Unparsed,
    UsageReport,
)
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart, ToolCallPart, ToolResponsePart
from mlx_gemma4.protocol.requests import GREEDY, Ask, SamplingSettings
from mlx_gemma4.weights.loader import load_model

Says = Callable[..., None]
HELLO = Message("user", (TextPart("the box"),))


@pytest.fixture(scope="module")
def engine(model_folder: Path) -> Engine:
    model, _ = load_model(model_folder)
    return Engine(model, Tokenizer(model_folder), read_prompt_defaults(model_folder))


@pytest.fixture
def tokenizer(model_folder: Path) -> Tokenizer:
    return Tokenizer(model_folder)


def ask(*messages: Message, **settings: object) -> Ask:
    return Ask("r1", messages or (HELLO,), **{"sampling": GREEDY, "max_tokens": 20, **settings})


def check_contract(events: list[Event]) -> None:
    """What holds for every request."""
    assert [event.seq for event in events] == list(range(len(events)))
    assert {event.request_id for event in events} == {"r1"}
    terminal = [isinstance(event, TurnFinished | EngineFailed) for event in events]
    assert terminal.count(True) == 1 and terminal[-1]


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch, tokenizer: Tokenizer) -> Says:
    """Make the model say certain ids: markers as markers, strings as text; prompt and caches stay real."""

    def set_answer(*pieces: str | Marker) -> None:
        ids = [
            token
            for piece in pieces
            for token in ([tokenizer.special[piece]] if isinstance(piece, Marker) else tokenizer.encode_text(piece))
        ]

        def decode(
            self: Session, sampling: SamplingSettings, ends: frozenset[int], max_tokens: int, guide: Guide | None
        ) -> Iterator[int]:
            last: int | None = None
            for token in ids[:max_tokens]:
                wanted = guide(last) if guide else None
                last = token if wanted is None else wanted
                yield last

        monkeypatch.setattr(Session, "decode", decode)

    return set_answer


def test_an_answer_reads_the_prompt_speaks_reports_and_finishes(engine: Engine, picture_file: Path) -> None:
    picture = Message("user", (ImagePart(str(picture_file)), TextPart("the box")))
    events = list(engine.ask(ask(picture)))
    check_contract(events)
    progress = [event for event in events if isinstance(event, PromptProgress)]
    assert progress[-1].done == progress[-1].total > 60
    usage = events[-2]
    assert isinstance(usage, UsageReport)
    assert usage.prompt_tokens == progress[-1].total
    assert 1 <= usage.completion_tokens <= 20
    assert usage.time_to_first_token > 0 and usage.peak_memory_bytes > 0
    assert events[-1] in (
        TurnFinished("max_tokens", seq=len(events) - 1, request_id="r1"),
        TurnFinished("end_of_turn", seq=len(events) - 1, request_id="r1"),
    )


def test_the_same_seed_gives_the_same_answer(engine: Engine) -> None:
    def said(seed: int) -> str:
        settings = SamplingSettings(temperature=5.0, seed=seed)
        return "".join(e.text for e in engine.ask(ask(sampling=settings)) if isinstance(e, TextDelta | ThoughtDelta))

    assert said(1) == said(1)
    assert len({said(seed) for seed in range(4)}) > 1


def test_an_answer_has_none_of_the_tokens_that_the_checkpoint_suppresses(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    decode = Session.decode

    def recorded(*arguments: Any) -> Iterator[int]:
        for token in decode(*arguments):
            written.append(token)
            yield token

    def answer(folder: Path) -> set[int]:
        written.clear()
        engine = Engine(load_model(folder)[0], Tokenizer(folder), read_prompt_defaults(folder))
        check_contract(list(engine.ask(ask())))
        return set(written)

    monkeypatch.setattr(Session, "decode", recorded)
    free = answer(model_folder)
    shutil.copytree(model_folder, tmp_path, dirs_exist_ok=True)
    values = json.loads((tmp_path / "generation_config.json").read_text())
    (tmp_path / "generation_config.json").write_text(json.dumps(values | {"suppress_tokens": sorted(free)}))
    held = answer(tmp_path)
    assert held and held.isdisjoint(free)


def test_boxes_come_with_the_index_of_the_last_picture(engine: Engine, says: Says, picture_file: Path) -> None:
    says('[{"box_2d":[1,2,3,4],"label":"box"},{"box_2d":[9]}]', Marker.TURN_CLOSE, "never read")
    two = Message("user", (ImagePart(str(picture_file)), ImagePart(str(picture_file)), TextPart("?")))
    events = list(engine.ask(ask(two, max_tokens=200)))
    check_contract(events)
    assert [e.media_index for e in events if isinstance(e, BoxFound)] == [1]
    assert [e.text for e in events if isinstance(e, Unparsed)] == ['{"box_2d":[9]}']
    text = "".join(e.text for e in events if isinstance(e, TextDelta))
    assert text == '[{"box_2d":[1,2,3,4],"label":"box"},{"box_2d":[9]}]'
    assert isinstance(events[-1], TurnFinished) and events[-1].reason == "end_of_turn"


@pytest.mark.parametrize("end", [Marker.TOOL_RESPONSE_OPEN, Marker.EOS])
def test_a_turn_that_ends_in_a_call_finishes_as_one(engine: Engine, says: Says, end: Marker) -> None:
    says("ok", Marker.TOOL_CALL_OPEN, "call:f{a:", Marker.STRING, "x", Marker.STRING, "}", Marker.TOOL_CALL_CLOSE, end)
    events = list(engine.ask(ask(max_tokens=200)))
    check_contract(events)
    assert [(e.name, e.arguments) for e in events if isinstance(e, ToolCallRequested)] == [("f", {"a": "x"})]
    assert isinstance(events[-1], TurnFinished) and events[-1].reason == "tool_calls"


@pytest.mark.parametrize("marker", [Marker.TURN_CLOSE, Marker.TOOL_RESPONSE_OPEN])
def test_the_formats_own_ends_count_where_a_copy_of_a_checkpoint_has_forgotten_them(
    engine: Engine, says: Says, tokenizer: Tokenizer, model_folder: Path, tmp_path: Path, marker: Marker
) -> None:
    shutil.copytree(model_folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "generation_config.json").write_text(json.dumps({"eos_token_id": tokenizer.special[Marker.EOS]}))
    model, _ = load_model(tmp_path)
    forgetful = Engine(model, Tokenizer(tmp_path), read_prompt_defaults(tmp_path))
    says("the box", marker, " user")
    for settings, text, reason in (
        ({}, "the box", "end_of_turn"),
        ({"chat_format": False}, "the box user", "max_tokens"),
    ):
        events = list(forgetful.ask(ask(**settings)))
        assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text
        assert isinstance(events[-1], TurnFinished) and events[-1].reason == reason


def test_an_answer_after_a_tool_response_with_thinking_starts_inside_the_thought(engine: Engine, says: Says) -> None:
    says("the box", Marker.CHANNEL_CLOSE, "user", Marker.TURN_CLOSE)
    called = Message("assistant", (ToolCallPart("f", {}), ToolResponsePart("f", "20")))
    events = list(engine.ask(ask(HELLO, called, thinking=True)))
    assert "".join(e.text for e in events if isinstance(e, ThoughtDelta)) == "the box"
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "user"


def test_a_thought_over_its_budget_is_closed_and_the_answer_goes_on(
    engine: Engine, says: Says, tokenizer: Tokenizer
) -> None:
    says(Marker.CHANNEL_OPEN, "thought\n", "the box the box the box the box", Marker.TURN_CLOSE)
    asked = ask(thinking=True, thinking_budget=3, max_tokens=200)
    events = list(engine.ask(asked))
    check_contract(events)
    words = tokenizer.encode_text("the box the box the box the box")
    assert "".join(e.text for e in events if isinstance(e, ThoughtDelta)) == tokenizer.decode(words[:3])
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == tokenizer.decode(words[4:])
    assert isinstance(events[-1], TurnFinished) and events[-1].reason == "end_of_turn"


@pytest.mark.parametrize("budget", [0, 4])
def test_the_budget_holds_in_a_thought_that_the_prompt_opened(
    engine: Engine, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch, budget: int
) -> None:
    """With the real model: what it writes next depends on the closed thought."""
    written: list[int] = []
    decode = Session.decode

    def spy(self: Session, *arguments: object) -> Iterator[int]:
        for token in decode(self, *arguments):  # pyright: ignore[reportArgumentType]
            written.append(token)
            yield token

    monkeypatch.setattr(Session, "decode", spy)
    called = Message("assistant", (ToolCallPart("f", {}), ToolResponsePart("f", "20")))
    events = list(engine.ask(ask(HELLO, called, thinking=True, thinking_budget=budget)))
    assert written.index(tokenizer.special[Marker.CHANNEL_CLOSE]) == budget
    assert "".join(e.text for e in events if isinstance(e, ThoughtDelta)) == tokenizer.decode(written[:budget])


@pytest.mark.parametrize(("stop", "text"), [("box", "the "), ("ox u", "the b"), ("", "the box us the box")])
def test_a_stop_string_ends_the_answer_before_it(engine: Engine, says: Says, stop: str, text: str) -> None:
    says(Marker.CHANNEL_OPEN, "thought\n", "box ox u", Marker.CHANNEL_CLOSE, "the box us the box", Marker.TURN_CLOSE)
    events = list(engine.ask(ask(stop=(stop,) if stop else ("never said",), max_tokens=200)))
    check_contract(events)
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == text
    assert "".join(e.text for e in events if isinstance(e, ThoughtDelta)) == "box ox u", "thoughts are not searched"
    assert isinstance(events[-1], TurnFinished) and events[-1].reason == ("stop_string" if stop else "end_of_turn")


def test_an_answer_that_only_repeats_itself_is_ended(engine: Engine, says: Says) -> None:
    says("the box " * 1000)
    events = list(engine.ask(ask(max_tokens=5000)))
    check_contract(events)
    assert isinstance(events[-1], TurnFinished) and events[-1].reason == "loop"
    usage = events[-2]
    assert isinstance(usage, UsageReport) and usage.completion_tokens < 600
    events = list(engine.ask(ask(max_tokens=1500, loop_guard=None)))
    assert isinstance(events[-1], TurnFinished) and events[-1].reason == "max_tokens"


def test_an_answer_that_is_cut_off_says_so_and_loses_nothing(engine: Engine, says: Says) -> None:
    says('{"box_2d":[1,2')
    events = list(engine.ask(ask(max_tokens=200)))
    check_contract(events)
    assert [e.text for e in events if isinstance(e, Unparsed)] == ['{"box_2d":[1,2']
    assert isinstance(events[-1], TurnFinished) and events[-1].reason == "max_tokens"


@pytest.mark.parametrize("moment", [PromptProgress, TextDelta])
def test_stop_ends_the_answer_at_the_next_token_or_chunk(engine: Engine, says: Says, moment: type[Event]) -> None:
    says("the box " * 50, Marker.TURN_CLOSE)
    events: list[Event] = []
    for event in engine.ask(ask(max_tokens=500)):
        events.append(event)
        if isinstance(event, moment):
            engine.stop("r1")
    check_contract(events)
    assert isinstance(events[-1], TurnFinished) and events[-1].reason == "stopped"
    deltas = [event for event in events if isinstance(event, TextDelta)]
    assert len(deltas) == (1 if moment is TextDelta else 0)


def test_a_request_stopped_before_it_began_is_over_after_one_chunk(engine: Engine) -> None:
    events = engine.ask(ask())
    engine.stop("r1")
    seen = list(events)
    check_contract(seen)
    assert isinstance(seen[-1], TurnFinished) and seen[-1].reason == "stopped"
    assert not any(isinstance(event, TextDelta) for event in seen)


def test_stopping_what_is_not_running_does_nothing(engine: Engine) -> None:
    engine.stop("somebody else")
    list(engine.ask(ask()))
    engine.stop("r1")
    events = list(engine.ask(ask()))
    assert isinstance(events[-1], TurnFinished) and events[-1].reason != "stopped"


def test_closing_the_stream_early_leaves_the_engine_ready(engine: Engine) -> None:
    events = engine.ask(ask())
    next(events)
    events.close()  # pyright: ignore[reportAttributeAccessIssue]
    check_contract(list(engine.ask(ask())))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (Message("user", (ImagePart("gone.png"), TextPart("?"))), "media.missing"),
        (Message("tool", (ToolResponsePart("f", 1),)), "prompt"),
    ],
)
def test_bad_input_is_one_failure_event_with_a_sentence(engine: Engine, message: Message, code: str) -> None:
    events = list(engine.ask(ask(message)))
    check_contract(events)
    failed = events[-1]
    assert isinstance(failed, EngineFailed)
    assert failed.code == code and failed.recoverable and failed.message.endswith(".")


def test_a_device_that_fails_is_reported_as_not_recoverable(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> Iterator[int]:
        raise RuntimeError("[METAL] out of memory")
        yield 0

    monkeypatch.setattr(Session, "decode", decode)
    events = list(engine.ask(ask()))
    check_contract(events)
    failed = events[-1]
    assert isinstance(failed, EngineFailed) and failed.code == "engine.device" and not failed.recoverable
