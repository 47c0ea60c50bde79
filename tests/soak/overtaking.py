"""A queue of pictures with urgent questions in between: those begin at once, and it says what it would have said.

Two engine processes with the bundled model are given the same queue; only the second one is interrupted.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageDraw

from mlx_gemma4.protocol.events import Event, PromptProgress, TextDelta, UsageReport
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY, Ask, SamplingSettings
from tests.unit.engine.live_engine import LiveEngine, picture_question

PICTURES, QUESTIONS = 200, 10
LATER_SECONDS = 1.0
"""How much later than alone the first word of a question may come."""
LEAST_SECONDS = 180.0
_SIDE = 400
_COLOURS = ("red", "blue", "green", "orange", "purple", "black")
_ANSWER_TOKENS = 12


@dataclass(frozen=True)
class Result:
    """What came of it.

    Attributes:
        seconds: that the interrupted queue took.
        alone: seconds to the first word of each question, with nothing else to do.
        during: the same while the queue was being worked on.
        differing: pictures of the queue whose answers differ.
    """

    seconds: float
    alone: list[float]
    during: list[float]
    differing: list[str]

    @property
    def latest(self) -> float:
        """How much later than alone (the median) the slowest question began."""
        return max(self.during) - statistics.median(self.alone)


def run(pictures: int, questions: int, folder: Path) -> Result:
    """Do it with this many of both; the folder is for pictures."""
    queue = [_job(number, draw(folder / f"{number}.png", number)) for number in range(pictures)]
    asked = [_question(number, draw(folder / f"asked {number}.png", 10_000 + number)) for number in range(questions)]
    engine = _started()
    try:
        alone = [_ask(engine, replace(question, id=f"alone {question.id}")) for question in asked]
        expected = _answers(engine, queue)
    finally:
        engine.client.close()
    engine = _started()
    try:
        began = time.monotonic()
        engine.send(*queue)
        during = []
        for number, question in enumerate(asked):
            # in the middle of an answer, spread over the whole queue
            middle = queue[round((number + 0.5) * pictures / questions)].id
            engine.wait_for(lambda event, middle=middle: event.request_id == middle and isinstance(event, TextDelta))
            during.append(_ask(engine, question))
        seconds = engine.end_of(queue[-1].id)[0] - began
        heard = {job.id: said(engine.events(job.id)) for job in queue}
    finally:
        engine.client.close()
    return Result(seconds, alone, during, [name for name, events in heard.items() if events != expected[name]])


def draw(file: Path, seed: int) -> Path:
    """A picture of a few coloured shapes."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (_SIDE, _SIDE), (236, 232, 222))
    pen = ImageDraw.Draw(picture)
    for _ in range(chance.randint(3, 6)):
        left, top, side = chance.randint(0, _SIDE - 90), chance.randint(0, _SIDE - 90), chance.randint(50, 90)
        shape = pen.ellipse if chance.random() < 0.5 else pen.rectangle
        shape((left, top, left + side, top + side), fill=chance.choice(_COLOURS))
    picture.save(file)
    return file


def said(events: Sequence[Event]) -> list[Event]:
    """An answer without what only counts or measures."""
    return [replace(event, seq=0) for event in events if not isinstance(event, UsageReport | PromptProgress)]


def _job(number: int, picture: Path) -> Ask:
    """Every second one is drawn by chance, with a seed."""
    sampling = GREEDY if number % 2 else SamplingSettings(seed=number)
    return replace(picture_question(f"picture {number}", picture), sampling=sampling)


def _question(number: int, picture: Path) -> Ask:
    message = Message("user", (ImagePart(str(picture)), TextPart("What is in this picture?")))
    return Ask(f"question {number}", (message,), GREEDY, max_tokens=_ANSWER_TOKENS, urgent=True)


def _started() -> LiveEngine:
    engine = LiveEngine()
    engine.load()
    return engine


def _ask(engine: LiveEngine, question: Ask) -> float:
    """Seconds from sending it to its first word."""
    sent = time.monotonic()
    engine.send(question)
    first = engine.wait_for(lambda event: event.request_id == question.id and isinstance(event, TextDelta))[0]
    engine.end_of(question.id)
    return first - sent


def _answers(engine: LiveEngine, queue: Sequence[Ask]) -> dict[str, list[Event]]:
    engine.send(*queue)
    for job in queue:
        engine.end_of(job.id)
    return {job.id: said(engine.events(job.id)) for job in queue}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; returns 0 if everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.overtaking", description=__doc__)
    parser.add_argument("--pictures", type=int, default=PICTURES, help="in the queue; more, should that be too quick")
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="that overtake it")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        pictures = options.pictures
        if pictures >= PICTURES:
            trial = run(10, 1, Path(name))
            pictures = max(pictures, round(1.2 * LEAST_SECONDS / trial.seconds * 10))
        result = run(pictures, options.questions, Path(name))
    print(f"{pictures} pictures in {result.seconds:.0f} s; {len(result.differing)} answers differ")
    for title, waits in (("alone", result.alone), ("during", result.during)):
        print(f"first word {title}: " + " ".join(f"{wait:.2f}" for wait in waits) + " s")
    print(f"at most {result.latest:.2f} s later than alone")
    long_enough = pictures < PICTURES or result.seconds >= LEAST_SECONDS
    return 0 if long_enough and not result.differing and result.latest <= LATER_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
