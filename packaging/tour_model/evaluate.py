"""Asks the tour model about pictures that training never saw, through the engine that ships, and counts what is right.

PYTHONPATH=packaging python -m tour_model.evaluate --pictures 500 --seed 20260101
"""

import argparse
import json
import math
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tour_model.architecture import SHAPES_BUDGET
from tour_model.batches import grid_of
from tour_model.questions import example as ask_about
from tour_model.scenes import UNSEEN_BACKGROUNDS, Shape, draw_scene, reading_order
from tour_model.scoring import Tally, score_absent, score_boxes, score_sentence

from mlx_gemma4 import load
from mlx_gemma4.gemma import Gemma
from mlx_gemma4.protocol.events import EngineFailed, TextDelta
from mlx_gemma4.protocol.requests import GREEDY

SMALLEST, LARGEST, STEEPEST = 256, 2048, 3.0
MOST_SHAPES = 5
TASKS = ("all", "kind", "absent", "sentence")


def unseen_scene(rng: np.random.Generator, folder: Path) -> tuple[Path, list[Shape], int, int]:
    """Draws one picture of the evaluation and writes it as a PNG file; shapes come in reading order."""
    aspect = math.exp(rng.uniform(-math.log(STEEPEST), math.log(STEEPEST)))
    longer = math.exp(rng.uniform(math.log(SMALLEST * max(aspect, 1 / aspect)), math.log(LARGEST)))
    width, height = (round(longer), round(longer / aspect)) if aspect > 1 else (round(longer * aspect), round(longer))
    picture, shapes = draw_scene(rng, width, height, int(rng.integers(1, MOST_SHAPES + 1)), UNSEEN_BACKGROUNDS)
    path = folder / "picture.png"
    picture.save(path, compress_level=1)
    return path, reading_order(shapes, width, height, *grid_of(width, height, SHAPES_BUDGET)), width, height


def answer(
    gemma: Gemma, pictures: Sequence[Path], question: str, *, max_soft_tokens: int | None = None, max_tokens: int = 400
) -> str:
    """The raw text of a greedy answer about some pictures."""
    content = [*({"type": "image", "path": str(path)} for path in pictures), {"type": "text", "text": question}]
    settings = {"sampling": GREEDY, "max_tokens": max_tokens, "max_soft_tokens": max_soft_tokens}
    text = ""
    for event in gemma.stream([{"role": "user", "content": content}], **settings):
        if isinstance(event, EngineFailed):
            raise SystemExit(event.message)
        text += event.text if isinstance(event, TextDelta) else ""
    return text


def evaluate(gemma: Gemma, pictures: int, seed: int, tasks: Sequence[str] = TASKS) -> dict[str, dict[str, float]]:
    """Asks one question of each task about each picture, in phrasings kept out of training; figures by task."""
    rng = np.random.default_rng(seed)
    tallies = {task: Tally() for task in tasks}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(pictures):
            path, shapes, width, height = unseen_scene(rng, Path(folder))
            for task, tally in tallies.items():
                case = ask_about(rng, task, shapes, width, height, unseen=True)
                text = answer(gemma, [path], case.question)
                if task == "absent":
                    score_absent(tally, text)
                elif task == "sentence":
                    score_sentence(tally, text, shapes)
                else:
                    score_boxes(tally, text, case.shapes, width, height)
    for task, tally in tallies.items():
        for failure in tally.failures[:5]:
            print(f"{task}: {failure!r}")
    return {task: tally.figures() for task, tally in tallies.items()}


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: a new one every time")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument("--checkpoint", default="tour")
    args = parser.parse_args()
    began = time.monotonic()
    figures = evaluate(load(args.checkpoint), args.pictures, args.seed, args.tasks)
    print(f"{args.pictures} pictures, seed {args.seed}, {time.monotonic() - began:.0f} s")
    for task, rates in figures.items():
        print(f"{task:9}", json.dumps(rates))


if __name__ == "__main__":
    main()
