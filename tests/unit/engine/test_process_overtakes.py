"""The engine process with the bundled model: an urgent question goes first, and every request ends once."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mlx_gemma4.protocol.events import Event, ModelReady, PromptProgress, TextDelta, TurnFinished
from mlx_gemma4.protocol.parts import Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask, Load
from tests.unit.engine.live_engine import (
    ROOT,
    TERMINAL,
    LiveEngine,
    long_question,
    picture_question,
    require_tour,
)

STARS = ROOT / "resources" / "samples" / "stars.png"
STOP_SECONDS = 0.2
_numbers = itertools.count()


@pytest.fixture(scope="module")
def engine() -> Iterator[LiveEngine]:
    require_tour()
    engine = LiveEngine()
    engine.load()
    yield engine
    engine.client.close()


@pytest.fixture
def name() -> str:
    """Of this test's requests, which no other test uses."""
    return f"{next(_numbers)}"


def quick(request_id: str, max_tokens: int = 8) -> Ask:
    return Ask(request_id, (Message("user", (TextPart("Hello"),)),), GREEDY, max_tokens=max_tokens, urgent=True)


def said(events: list[Event]) -> list[Event]:
    return [replace(event, seq=0, request_id="") for event in events if isinstance(event, TextDelta)]


def check_ended_once(engine: LiveEngine, request_id: str) -> None:
    events = engine.events(request_id)
    assert [event.seq for event in events] == list(range(len(events)))
    assert [isinstance(event, TERMINAL) for event in events] == [False] * (len(events) - 1) + [True]


def first_of(engine: LiveEngine, request_id: str, kind: type[Event]) -> float:
    return engine.wait_for(lambda event: event.request_id == request_id and isinstance(event, kind))[0]


def test_a_question_overtakes_an_answer_and_all_that_wait(engine: LiveEngine, name: str) -> None:
    alone, running, waiting, urgent = (f"{part} {name}" for part in ("alone", "running", "waiting", "urgent"))
    engine.send(picture_question(alone, STARS))
    engine.end_of(alone)
    engine.send(picture_question(running, STARS), picture_question(waiting, STARS))
    first_of(engine, running, TextDelta)
    engine.send(quick(urgent))
    ended = engine.end_of(urgent)[0]
    assert ended < engine.end_of(running)[0] < engine.end_of(waiting)[0]
    assert said(engine.events(running)) == said(engine.events(alone)) == said(engine.events(waiting))
    for request in (running, waiting, urgent):
        check_ended_once(engine, request)


def test_a_question_overtakes_a_long_prompt(engine: LiveEngine, name: str) -> None:
    running, urgent = f"running {name}", f"urgent {name}"
    engine.send(long_question(running))
    first_of(engine, running, PromptProgress)
    engine.send(quick(urgent))
    ended = engine.end_of(urgent)[0]
    assert ended < first_of(engine, running, TextDelta)
    engine.stop(running)
    engine.end_of(running)
    check_ended_once(engine, running)


def test_two_questions_do_not_overtake_each_other(engine: LiveEngine, name: str) -> None:
    running, one, two = f"running {name}", f"one {name}", f"two {name}"
    engine.send(picture_question(running, STARS), quick(one, 40))
    first_of(engine, one, TextDelta)
    engine.send(quick(two))
    assert engine.end_of(one)[0] < first_of(engine, two, TextDelta)
    assert engine.end_of(two)[0] < engine.end_of(running)[0]


def test_a_paused_answer_can_be_stopped_and_the_question_goes_on(engine: LiveEngine, name: str) -> None:
    running, urgent = f"running {name}", f"urgent {name}"
    engine.send(picture_question(running, STARS))
    first_of(engine, running, TextDelta)
    question = replace(quick(urgent), messages=picture_question("", STARS).messages, max_tokens=400)
    engine.send(question)
    first_of(engine, urgent, TextDelta)
    asked = time.monotonic()
    engine.stop(running)
    stopped, end = engine.end_of(running)
    assert isinstance(end, TurnFinished) and end.reason == "stopped"
    assert stopped - asked < STOP_SECONDS
    finished, end = engine.end_of(urgent)
    assert finished > stopped and isinstance(end, TurnFinished) and end.reason != "stopped"
    later = f"later {name}"
    engine.send(quick(later))
    engine.end_of(later)
    for request in (running, urgent, later):
        check_ended_once(engine, request)


def test_a_question_that_is_stopped_lets_the_job_go_on(engine: LiveEngine, name: str) -> None:
    running, urgent = f"running {name}", f"urgent {name}"
    engine.send(picture_question(running, STARS))
    first_of(engine, running, TextDelta)
    engine.send(replace(quick(urgent), messages=picture_question("", STARS).messages, max_tokens=400))
    first_of(engine, urgent, TextDelta)
    asked = time.monotonic()
    engine.stop(urgent)
    stopped, end = engine.end_of(urgent)
    assert isinstance(end, TurnFinished) and end.reason == "stopped" and stopped - asked < STOP_SECONDS
    end = engine.end_of(running)[1]
    assert isinstance(end, TurnFinished) and end.reason != "stopped"


def test_a_question_waits_for_a_model_that_is_being_loaded() -> None:
    require_tour()
    engine = LiveEngine()
    engine.send(Load("load", "tour"), picture_question("job", STARS), quick("urgent"))
    loaded, ready = engine.end_of("load")
    assert isinstance(ready, ModelReady)
    ended, end = engine.end_of("urgent")
    assert isinstance(end, TurnFinished) and loaded < ended < engine.end_of("job")[0]
    engine.client.close()
