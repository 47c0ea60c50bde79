"""How answers end: by Stop at any moment, by stop strings, in loops; and what is urgent goes first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from mlx_gemma4.engine.remote.connection import Patience
from mlx_gemma4.engine.remote.loading import RemoteModel, connect
from mlx_gemma4.protocol.events import Event, TextDelta, TurnFinished, UsageReport
from mlx_gemma4.protocol.requests import LoadRemote, LoopGuard
from tests.unit.engine.remote.conftest import question
from tests.unit.engine.served import DONE, MODEL, Answer, Pause, ScriptedServer, delta, said

AskIt = Callable[..., list[Event]]


@pytest.fixture
def patient(server: ScriptedServer, address: str) -> RemoteModel:
    return connect(LoadRemote("load", address, MODEL), Patience())


@pytest.mark.parametrize(
    "answer",
    [Answer(before=30), Answer([Pause(30)]), Answer([*said("a", "b", reason=None), Pause(30)])],
    ids=["before the headers", "before the first word", "between words"],
)
def test_stop_ends_it_within_200_ms_and_hangs_up(server: ScriptedServer, patient: RemoteModel, answer: Answer) -> None:
    server.answer = lambda _: answer
    threading.Timer(0.3, lambda: patient.engine.stop("ask")).start()
    began = time.monotonic()
    events = list(patient.engine.ask(question("?")))
    assert time.monotonic() - began < 0.5
    assert isinstance(events[-2], UsageReport) and events[-1].reason == "stopped"  # type: ignore[union-attr]
    assert server.left.wait(1), "the server still believes that somebody listens"
    patient.engine.forget()


def test_an_answer_that_nobody_iterates_any_more_hangs_up(server: ScriptedServer, patient: RemoteModel) -> None:
    server.always(*said("a", reason=None), Pause(30))
    events = patient.engine.ask(question("?"))
    assert isinstance(next(events), TextDelta)
    events.close()
    assert server.left.wait(1)
    patient.engine.forget()


def test_what_is_urgent_is_answered_while_words_are_waited_for(server: ScriptedServer, patient: RemoteModel) -> None:
    slow = Answer([*said("a", reason=None), Pause(0.4), *said("b"), DONE])
    server.answer = lambda body: slow if body["messages"][0]["content"] == "slow" else Answer([*said("quick"), DONE])
    inner: list[Event] = []
    asked = threading.Event()
    threading.Timer(0.1, asked.set).start()

    def between() -> None:
        if asked.is_set() and not inner:
            inner.append(TextDelta("begun"))
            inner.extend(patient.engine.ask(question("quick")))

    patient.engine.between = between
    outer = list(patient.engine.ask(question("slow")))
    assert [event.text for event in inner if isinstance(event, TextDelta)] == ["begun", "quick"]
    assert [event.text for event in outer if isinstance(event, TextDelta)] == ["a", "b"]
    patient.engine.forget()


def test_a_stop_string_ends_the_answer_here(server: ScriptedServer, ask: AskIt) -> None:
    server.always(
        delta(reasoning="STOP is no end in a thought. "), *said("One S", "TO", "P two", reason=None), Pause(9)
    )
    events = ask(stop=("STOP",))
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "One "
    assert events[-1].reason == "stop_string"  # type: ignore[union-attr]
    assert "stop" not in server.asked[0].body and server.left.wait(1)


def test_a_loop_is_ended(server: ScriptedServer, ask: AskIt) -> None:
    server.always(*said(*["ha", " "] * 60, reason=None), Pause(9))
    assert ask(loop_guard=LoopGuard(8, 16, 8))[-1].reason == "loop"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said_reason", "reason"), [("stop", "end_of_turn"), ("length", "max_tokens"), ("eos", "end_of_turn")]
)
def test_reasons(server: ScriptedServer, ask: AskIt, said_reason: str, reason: str) -> None:
    server.always(*said("x", reason=said_reason), DONE)
    end = ask()[-1]
    assert isinstance(end, TurnFinished) and end.reason == reason


def test_the_figures_are_measured_here(server: ScriptedServer, ask: AskIt) -> None:
    figures = {
        "choices": [],
        "usage": {"prompt_tokens": 9, "completion_tokens": 21, "prompt_tokens_details": {"cached_tokens": 4}},
    }
    server.always(Pause(0.2), *said("a", reason=None), Pause(0.2), *said("b"), figures, DONE)
    usage = next(event for event in ask() if isinstance(event, UsageReport))
    assert (usage.prompt_tokens, usage.completion_tokens, usage.reused_tokens) == (9, 21, 4)
    assert 0.2 <= usage.time_to_first_token < 0.4 and 50 < usage.tokens_per_second < 120
