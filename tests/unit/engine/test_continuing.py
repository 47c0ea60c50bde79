"""An answer that is gone on with: what it left open is closed, and thoughts have their time."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlx_gemma4.engine.answering import channel_ids
from mlx_gemma4.engine.loading import LoadedModel, inspect_model, read_model
from mlx_gemma4.engine.usage import UsageMeter
from mlx_gemma4.parsing.event_parser import EventParser
from mlx_gemma4.protocol.events import BoxFound, TextDelta, ThoughtDelta, UsageReport
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask


@pytest.fixture(scope="module")
def tour() -> LoadedModel:
    return read_model(inspect_model("tour"))


def said(model: LoadedModel, request: Ask) -> tuple[str, list[BoxFound]]:
    events = list(model.engine.ask(request))
    words = "".join(event.text for event in events if isinstance(event, TextDelta))
    return words, [event for event in events if isinstance(event, BoxFound)]


def test_an_answer_in_two_parts_is_the_answer_in_one(tour: LoadedModel, picture_file: Path) -> None:
    question = Message("user", (ImagePart(str(picture_file)), TextPart("What is in this picture?")))
    whole, boxes = said(tour, Ask("a", (question,), GREEDY, max_tokens=120))
    assert len(whole) > 20
    for cut in (1, 7, 12):
        first, before = said(tour, Ask("b", (question,), GREEDY, max_tokens=cut))
        begun = Message("assistant", (TextPart(first),))
        second, after = said(tour, Ask("c", (question, begun), GREEDY, max_tokens=120 - cut, continues=True))
        assert first + second == whole
        assert [box.box for box in before + after] == [box.box for box in boxes]


def test_a_box_that_was_half_written_closes(tour: LoadedModel) -> None:
    parser = EventParser(channel_ids(tour.tokenizer.special), tour.tokenizer.stream_decoder())
    parser.recall('[{"box_2d": [1, 2')
    events = [event for token in tour.tokenizer.encode_text(', 3, 4], "label": "a"}') for event in parser.feed(token)]
    events += parser.finish(complete=True)
    assert [(event.box, event.label) for event in events if isinstance(event, BoxFound)] == [((1, 2, 3, 4), "a")]


def test_thoughts_have_their_time() -> None:
    meter = UsageMeter()
    assert meter.report().thinking_seconds == 0
    meter.heard(ThoughtDelta("a"))
    meter.heard(TextDelta("b"))
    report = meter.report()
    assert isinstance(report, UsageReport) and report.thinking_seconds > 0
    meter.heard(TextDelta("c"))
    assert meter.report().thinking_seconds == report.thinking_seconds
