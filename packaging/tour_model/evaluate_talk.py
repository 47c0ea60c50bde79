"""Tools, thoughts, and what is declined: the tour model asked in words that training never used.

PYTHONPATH=packaging:. python -m tour_model.evaluate_talk --seed 20260101
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tour_model.evaluate import unseen_scene
from tour_model.pages.compose import random_page
from tour_model.pages.draw import draw
from tour_model.pages.questions import UNSEEN_PAGE
from tour_model.pages.samples import PAGES_BUDGET
from tour_model.talk import DECLINE, requested_call

from mlx_gemma4 import load
from mlx_gemma4.gemma import Gemma
from mlx_gemma4.protocol.events import Event, TextDelta, ThoughtDelta, ToolCallRequested, TurnFinished
from mlx_gemma4.protocol.parts import ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import GREEDY

HERE = Path(__file__).parent
LONGEST_ANSWER = 1000


class Judge:
    """A model, and pictures to ask it about."""

    def __init__(self, gemma: Gemma, rng: np.random.Generator, folder: Path) -> None:
        self.gemma, self.rng, self.folder = gemma, rng, folder

    def tools(self, _: int) -> bool:
        """One call with exactly the arguments that were said."""
        case = requested_call(self.rng)
        events = self.ask([TextPart(case.request)], tools=case.tools)
        calls = [event for event in events if isinstance(event, ToolCallRequested)]
        return [(call.name, call.arguments) for call in calls] == [(case.name, case.arguments)]

    def thought(self, number: int) -> bool:
        """A thought before a page if thinking is on, and none if it is off."""
        thinking = number % 2 == 0
        question = str(self.rng.choice(UNSEEN_PAGE))
        events = self.ask([ImagePart(self.picture("page"), PAGES_BUDGET), TextPart(question)], thinking=thinking)
        thought = "".join(event.text for event in events if isinstance(event, ThoughtDelta))
        return bool(thought.strip()) == thinking and "```html" in said(events)

    def outside(self, number: int) -> bool:
        """Declined, and ended."""
        line = prompts("unseen_outside.txt")[number]
        shown = [ImagePart(self.picture("shapes"))] if line.startswith("+ ") else []
        events = self.ask([*shown, TextPart(line.removeprefix("+ "))])
        return said(events).strip() == DECLINE and ended(events)

    def inside(self, number: int) -> bool:
        """Not declined, and ended."""
        kind, _, question = prompts("unseen_inside.txt")[number].partition(" ")
        budget = PAGES_BUDGET if kind == "page" else None
        shown = [ImagePart(self.picture(kind), budget)] if kind != "none" else []
        events = self.ask([*shown, TextPart(question)])
        return DECLINE not in said(events) and bool(said(events).strip()) and ended(events)

    def picture(self, kind: str) -> str:
        """A new picture of shapes or of a page."""
        if kind == "shapes":
            return str(unseen_scene(self.rng, self.folder)[0])
        file = self.folder / "page.png"
        draw(random_page(self.rng))[0].save(file, compress_level=1)
        return str(file)

    def ask(self, parts: Sequence[Any], **settings: Any) -> list[Event]:
        """All events of a greedy answer."""
        message = Message("user", tuple(parts))
        return list(self.gemma.stream([message], sampling=GREEDY, max_tokens=LONGEST_ANSWER, **settings))


def said(events: Sequence[Event]) -> str:
    """The text of an answer."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def ended(events: Sequence[Event]) -> bool:
    """Whether the model ended its turn itself."""
    return isinstance(events[-1], TurnFinished) and events[-1].reason == "end_of_turn"


def prompts(file: str) -> list[str]:
    """The prompts of a list beside this module."""
    return [line for line in (HERE / file).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=100, help="of each kind")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: a new one every time")
    parser.add_argument("--checkpoint", default="tour")
    args = parser.parse_args()
    print(f"seed {args.seed}")
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(load(args.checkpoint), np.random.default_rng(args.seed), Path(folder))
        jobs: dict[str, Callable[[int], bool]] = {
            "tools": judge.tools, "thought": judge.thought, "outside": judge.outside, "inside": judge.inside,
        }  # fmt: skip
        for name, job in jobs.items():
            right = [job(number) for number in range(args.prompts)]
            print(f"{name:8} {np.mean(right):.3f} of {len(right)}", flush=True)


if __name__ == "__main__":
    main()
