"""Care: what a question will take, refusals before anything is read, and memory that is really given back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlx_gemma4.engine.machine_memory import LIMIT, machine_memory
from mlx_gemma4.protocol.care import (
    NO_ROOM_TO_ASK_CODE,
    TOO_LONG_CODE,
    AskEstimated,
    EstimateAsk,
    MediaCost,
    ModelUnloaded,
    Unload,
)
from mlx_gemma4.protocol.events import EngineFailed, MediaProbed, PromptProgress, TurnFinished, UsageReport
from mlx_gemma4.protocol.memory_fit import Fit, MachineMemory, describe_more, judge_more
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask, ProbeMedia
from tests.unit.engine.live_engine import LiveEngine, long_question, require_tour

STARS = str(Path("resources/samples/stars.png").resolve())
GIB = 1 << 30
LIMIT_MB = 200


@pytest.fixture(scope="module")
def small() -> Iterator[LiveEngine]:
    """An engine on a machine with little memory, with the bundled model loaded."""
    require_tour()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LIMIT, str(LIMIT_MB))
        engine = LiveEngine()
    engine.load()
    yield engine
    engine.client.close()


@pytest.fixture
def engine() -> Iterator[LiveEngine]:
    require_tour()
    engine = LiveEngine()
    engine.load()
    yield engine
    engine.client.close()


def question(name: str, words: int, *, anyway: bool = False) -> Ask:
    message = Message("user", (TextPart("a red star " * (words // 3)),))
    return Ask(name, (message,), GREEDY, max_tokens=4, anyway=anyway)


def resident(pid: int) -> int:
    """Bytes of memory that a process has to itself."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))


def test_an_estimate_is_what_the_answer_reports_and_comes_while_another_is_given(small: LiveEngine) -> None:
    small.send(ProbeMedia("probe", STARS))
    probed = small.end_of("probe")[1]
    assert isinstance(probed, MediaProbed)
    messages = (Message("user", (ImagePart(STARS), TextPart("Detect all objects."))),)
    small.send(long_question("busy", 1500))
    small.send(EstimateAsk("estimate", messages, (MediaCost("picture", probed.soft_tokens),), max_tokens=20))
    estimated = small.end_of("estimate")[1]
    assert isinstance(estimated, AskEstimated)
    assert not any(isinstance(event, TurnFinished) for event in small.events("busy"))
    small.stop("busy")
    small.send(Ask("ask", messages, GREEDY, max_tokens=20))
    small.end_of("ask")
    usage = next(event for event in small.events("ask") if isinstance(event, UsageReport))
    assert usage.prompt_tokens == estimated.prompt_tokens
    assert estimated.most_tokens == 8192
    assert 0 < estimated.need_bytes < estimated.memory.total
    assert estimated.memory.total == LIMIT_MB << 20


def test_a_question_that_does_not_fit_is_refused_before_it_is_read_and_served_if_asked_anyway(
    small: LiveEngine,
) -> None:
    small.send(EstimateAsk("long", question("", 6000).messages))
    estimated = small.end_of("long")[1]
    assert isinstance(estimated, AskEstimated)
    assert judge_more(estimated.need_bytes, estimated.memory) is Fit.TOO_LARGE
    small.send(question("refused", 6000))
    refusal = small.end_of("refused")[1]
    assert isinstance(refusal, EngineFailed)
    assert refusal.code == NO_ROOM_TO_ASK_CODE and refusal.recoverable
    assert "more" in refusal.message and " MB are free of " in refusal.message and refusal.hint
    assert not any(isinstance(event, PromptProgress) for event in small.events("refused"))
    small.send(question("short", 30), question("anyway", 6000, anyway=True))
    assert isinstance(small.end_of("short")[1], TurnFinished)
    assert isinstance(small.end_of("anyway")[1], TurnFinished)


def test_a_question_longer_than_the_model_reads_is_refused_and_its_answer_ends_in_time(engine: LiveEngine) -> None:
    engine.send(question("endless", 9000))
    refusal = engine.end_of("endless")[1]
    assert isinstance(refusal, EngineFailed)
    assert refusal.code == TOO_LONG_CODE and "8,192" in refusal.message and refusal.hint
    assert not any(isinstance(event, PromptProgress) for event in engine.events("endless"))


def test_unloading_gives_the_memory_back_and_the_next_load_answers_as_before(engine: LiveEngine) -> None:
    engine.send(question("first", 600))
    engine.end_of("first")
    before = resident(engine.pid)
    engine.send(Unload("unload"))
    assert isinstance(engine.end_of("unload")[1], ModelUnloaded)
    ready = next(event for _, event in engine.heard if event.request_id == "load" and hasattr(event, "memory_bytes"))
    freed = before - resident(engine.pid)
    assert freed > 0.9 * getattr(ready, "memory_bytes")  # noqa: B009 – told by the attribute
    engine.send(question("asleep", 30))
    asleep = engine.end_of("asleep")[1]
    assert isinstance(asleep, EngineFailed) and asleep.code == "engine.no_model"
    engine.send(Unload("again"))
    assert isinstance(engine.end_of("again")[1], ModelUnloaded)


def test_a_little_more_always_fits_and_a_lot_only_where_there_is_room() -> None:
    memory = MachineMemory(16 * GIB, 2 * GIB, 12 * GIB, 9 * GIB)
    assert judge_more(GIB // 4, memory) is Fit.SAFE
    assert judge_more(GIB // 2, memory) is Fit.TOO_LARGE
    assert judge_more(4 * GIB, MachineMemory(16 * GIB, 16 * GIB, 12 * GIB, 9 * GIB)) is Fit.TOO_LARGE
    assert judge_more(3 * GIB, MachineMemory(16 * GIB, 6 * GIB, 12 * GIB, 5 * GIB)) is Fit.TIGHT
    assert judge_more(9 * GIB, MachineMemory(0, 0, 0)) is Fit.SAFE
    assert describe_more(GIB, memory) == "needs about 1.0 GB more, 2.0 GB are free of 16 GB"
    tight = MachineMemory(GIB // 2, GIB // 10, GIB // 2)
    assert describe_more(GIB // 8, tight) == "needs about 128 MB more, 102 MB are free of 512 MB"


def test_a_limit_makes_the_machine_smaller_and_nonsense_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, "300")
    assert machine_memory(100 << 20) == MachineMemory(300 << 20, 200 << 20, 300 << 20, 100 << 20)
    monkeypatch.setenv(LIMIT, "99000000")
    assert machine_memory().total < 99000000 << 20
