"""A long job that an urgent question overtakes says what it would have said alone, and so does the question."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlx_gemma4.engine import answer_clock
from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.engine.loading import bundled, inspect_model, read_model
from mlx_gemma4.engine.usage import UsageMeter
from mlx_gemma4.generation import steps
from mlx_gemma4.generation.pace import ChunkPace
from mlx_gemma4.prompt.checkpoint_files import read_prompt_defaults
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.events import Event, PromptProgress, TextDelta, TurnFinished, UsageReport
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask, SamplingSettings, Transcribe
from mlx_gemma4.weights.loader import load_model

STARS, OTHER = bundled("samples") / "stars.png", bundled("samples") / "gradient.png"
SEEDED = SamplingSettings(temperature=1.3, seed=5)


class Overtaken:
    """An engine; `during` answers a job and lets questions overtake it at some of its steps."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def alone(self, request: Ask | Transcribe) -> list[Event]:
        """With nothing read before and nobody else."""
        self.engine.forget()
        self.engine.between = lambda: None
        return list(self._start(request))

    def during(self, request: Ask | Transcribe, at: Callable[[int], Ask | None]) -> tuple[list[Event], list[Event]]:
        """The events of the job and of the questions; `at` says what overtakes it after step n."""
        self.engine.forget()
        counter, urgent = itertools.count(), list[Event]()

        def between() -> None:
            question = at(next(counter))
            if question is not None:
                self.engine.between = lambda: None
                urgent.extend(self._start(question))
                self.engine.between = between

        self.engine.between = between
        return list(self._start(request)), urgent

    def _start(self, request: Ask | Transcribe) -> Iterator[Event]:
        return self.engine.ask(request) if isinstance(request, Ask) else self.engine.transcribe(request)


@pytest.fixture(scope="module")
def tour() -> Overtaken:
    engine = read_model(inspect_model("tour")).engine
    engine.warm_up()
    return Overtaken(engine)


def user(text: str, picture: Path | None = None) -> Message:
    return Message("user", (*([ImagePart(str(picture))] if picture else []), TextPart(text)))


def job(sampling: SamplingSettings = GREEDY) -> Ask:
    return Ask("job", (user("Detect all objects.", STARS),), sampling, max_tokens=50)


def quick(*messages: Message, sampling: SamplingSettings = GREEDY) -> Ask:
    return Ask("quick", messages or (user("What is in this picture?", OTHER),), sampling, max_tokens=12, urgent=True)


def words(events: list[Event]) -> list[Event]:
    """What was said, without what only counts or measures."""
    return [replace(event, seq=0) for event in events if not isinstance(event, UsageReport | PromptProgress)]


def check_whole(events: list[Event], request_id: str) -> None:
    """Numbered without gaps, and one end."""
    ends = [number for number, event in enumerate(events) if isinstance(event, TurnFinished)]
    assert [event.seq for event in events[: ends[0] + 1]] == list(range(ends[0] + 1))
    assert {event.request_id for event in events} == {request_id}


@pytest.mark.parametrize("sampling", [GREEDY, SEEDED], ids=["greedy", "seeded"])
@pytest.mark.parametrize("picture", [OTHER, STARS, None], ids=["another picture", "the same picture", "words"])
@pytest.mark.parametrize("form", ["whole", "segments"])
def test_both_say_what_they_would_have_said_alone(
    tour: Overtaken, picture: Path | None, sampling: SamplingSettings, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(steps.FORM_OF_BACKEND, "cpu", form)  # pyright: ignore[reportArgumentType]
    question = quick(user("What colour is the star?", picture), sampling=sampling)
    lone_job, lone_question = tour.alone(job(sampling)), tour.alone(question)
    assert len([event for event in lone_job if isinstance(event, TextDelta)]) > 20
    events, urgent = tour.during(job(sampling), lambda step: question if step in (0, 3, 25, 26) else None)
    assert words(events) == words(lone_job)
    assert words(urgent) == 4 * words(lone_question)
    check_whole(events, "job")
    check_whole(urgent, "quick")


def test_one_after_every_step_changes_nothing(tour: Overtaken) -> None:
    question = replace(quick(user("Hello")), max_tokens=3)
    lone_job, lone_question = tour.alone(job()), tour.alone(question)
    events, urgent = tour.during(job(), lambda step: question)
    assert words(events) == words(lone_job)
    assert set(map(type, urgent)) == set(map(type, lone_question))
    assert len(urgent) > 40 * len(lone_question) / 2


def test_a_question_that_goes_on_where_the_job_has_read_takes_a_branch_of_its_own(tour: Overtaken) -> None:
    first = user("Describe the picture.", STARS)
    longer = (first, Message("assistant", (TextPart("A star."),)), user("Detect all objects."))
    request = Ask("job", longer, SEEDED, max_tokens=60)
    question = quick(first, Message("assistant", (TextPart("A star."),)), user("How many stars are there?"))
    lone_job, lone_question = tour.alone(request), tour.alone(question)
    events, urgent = tour.during(request, lambda step: question if step == 30 else None)
    assert words(events) == words(lone_job)
    assert words(urgent) == words(lone_question)
    report = next(event for event in urgent if isinstance(event, UsageReport))
    assert report.reused_tokens > 60, "what the job has read of the picture serves the question"


def test_a_prompt_is_interrupted_between_its_chunks(model_folder: Path) -> None:
    model, _ = load_model(model_folder)
    rig = Overtaken(
        Engine(model, Tokenizer(model_folder), read_prompt_defaults(model_folder), ChunkPace(32, seconds=10))
    )
    request = Ask("job", (user("the box is the user " * 60),), SEEDED, max_tokens=30)
    question = Ask("quick", (user("the model"),), GREEDY, max_tokens=5, urgent=True)
    lone_job = rig.alone(request)
    chunks = len([event for event in lone_job if isinstance(event, PromptProgress)])
    assert chunks > 5
    order: list[str] = []

    def at(step: int) -> Ask | None:
        order.append("quick" if step == 2 else "step")
        return question if step == 2 else None

    events, urgent = rig.during(request, at)
    assert order.index("quick") < chunks
    assert words(events) == words(lone_job)
    assert isinstance(urgent[-1], TurnFinished)


def test_what_an_urgent_question_learns_of_the_speed_leaves_the_jobs_chunks_alone(model_folder: Path) -> None:
    model, _ = load_model(model_folder)
    pace = ChunkPace(32, seconds=1e-9)
    rig = Overtaken(Engine(model, Tokenizer(model_folder), read_prompt_defaults(model_folder), pace))
    pace.tokens = 256
    rig.alone(Ask("quick", (user("the box " * 400),), GREEDY, max_tokens=1, urgent=True))
    assert pace.tokens == 256
    rig.alone(Ask("job", (user("the box " * 400),), GREEDY, max_tokens=1))
    assert pace.tokens < 256


def test_a_transcription_is_overtaken_within_a_piece(hearing_folder: Path, talk_file: Path) -> None:
    model, _ = load_model(hearing_folder)
    rig = Overtaken(Engine(model, Tokenizer(hearing_folder), read_prompt_defaults(hearing_folder)))
    request = Transcribe("job", str(talk_file), max_tokens=15)
    question = Ask("quick", (user("the box"),), GREEDY, max_tokens=5, urgent=True)
    lone_job, lone_question = rig.alone(request), rig.alone(question)
    events, urgent = rig.during(request, lambda step: question if step % 7 == 4 else None)
    assert words(events) == words(lone_job)
    assert words(urgent[: len(lone_question)]) == words(lone_question)
    assert len(urgent) >= 2 * len(lone_question)


def test_the_pause_is_in_none_of_the_jobs_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(answer_clock.time, "perf_counter", lambda: now)
    meter = UsageMeter()

    def pass_by(seconds: float) -> None:
        nonlocal now
        now += seconds

    def pause(seconds: float) -> None:
        with meter.paused():
            pass_by(seconds)

    pause(60)
    pass_by(0.5)
    meter.count_token()
    pause(60)
    for _ in range(10):
        pass_by(0.1)
        meter.count_token()
    pause(60)
    report = meter.report()
    assert report.time_to_first_token == pytest.approx(0.5)
    assert report.tokens_per_second == pytest.approx(10)


def test_the_most_memory_is_counted_over_the_pause(tour: Overtaken) -> None:
    seen: list[int] = []

    def between() -> None:
        import mlx.core as mx

        if len(seen) < 30:
            seen.append(mx.get_peak_memory())
        if len(seen) == 30:
            seen.append(0)
            mx.reset_peak_memory()  # as a request does that begins

    tour.engine.forget()
    tour.engine.between = between
    report = next(event for event in tour.engine.ask(job()) if isinstance(event, UsageReport))
    assert report.peak_memory_bytes >= max(seen)


def test_a_question_is_not_kept_waiting_by_files_that_are_being_decoded(
    tour: Overtaken, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = tour.engine.prepare

    def slowly(request: Ask, *arguments: object) -> object:
        if request.id == "job":
            time.sleep(1.0)
        return prepare(request, *arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(tour.engine, "prepare", slowly)
    began = time.perf_counter()
    answered: list[float] = []

    def at(step: int) -> Ask | None:
        if step == 1:
            answered.append(time.perf_counter() - began)
            return quick(user("Hello"))
        return None

    tour.during(job(), at)
    assert answered[0] < 0.5
