"""Training batches of shapes: scenes drawn as training runs, and questions about them."""

import math

import numpy as np
from PIL import Image
from tour_model.architecture import SHAPES_BUDGET
from tour_model.batches import CELL, PATCH, Batch, Truth, cell_at, choose_grid, grids, group, read_at
from tour_model.conversations import Conversation, conversation, follow_up
from tour_model.questions import example
from tour_model.scenes import (
    COLOURS,
    HARD_BACKGROUNDS,
    KINDS,
    TRAINING_BACKGROUNDS,
    Backgrounds,
    Shape,
    draw_scene,
    reading_order,
)
from tour_model.talk import DECLINE, OUTSIDE_PICTURE, outside

BACKGROUNDS = {"boxes": TRAINING_BACKGROUNDS, "steady": HARD_BACKGROUNDS}
MAX_SHAPES = 8
Odds = tuple[tuple[str, float], ...]
MIXES: dict[str, tuple[Odds, ...]] = {  # what each conversation about a picture is likely to ask
    "boxes": (
        (("all", 0.62), ("kind", 0.2), ("absent", 0.08), ("sentence", 0.1)),
        (("all", 0.2), ("kind", 0.36), ("absent", 0.17), ("sentence", 0.27)),
    ),
    "steady": ((("all", 0.6), ("sentence", 0.2), ("kind", 0.1), ("absent", 0.1)),),
}
FOLLOW_UP = 0.12  # how often a conversation after the first has a second question
OUTSIDE = 0.03  # how often a picture is asked about what the model does not know
LONGEST = 208  # tokens after the picture; a follow-up that would exceed it is not asked


def make_batch(rng: np.random.Generator, size: int, mix: str = "boxes", budget: int = SHAPES_BUDGET) -> Batch:
    """Draws `size` pictures of one randomly chosen grid and holds one conversation for each entry of the mix."""
    by_grid = grids(budget)
    columns, rows = choose_grid(rng, by_grid)
    patches = np.empty((size, 9 * columns * rows, 3 * PATCH * PATCH), np.uint8)
    truth: list[tuple[int, tuple[int, ...], int, int]] = []
    conversations: list[Conversation] = []
    for index in range(size):
        picture, shapes = _scene(rng, by_grid[columns, rows], columns, rows, BACKGROUNDS[mix])
        patches[index] = read_at(picture, columns, rows)
        for shape in shapes:
            box = shape.box_1000(picture.width, picture.height)
            cell = cell_at(index, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, columns, rows)
            truth.append((cell, box, list(COLOURS).index(shape.colour), KINDS.index(shape.kind)))
        for place, tasks in enumerate(MIXES[mix]):
            turns = 2 if place and rng.random() < FOLLOW_UP else 1
            conversations.append(_conversation(rng, tasks, turns, shapes, picture.size, index, columns * rows))
    cells = np.array([cell for cell, *_ in truth], np.int64)
    present = np.zeros(size * rows * columns, np.float32)
    present[cells] = 1
    boxes = np.array([box for _, box, *_ in truth], np.float32).reshape(-1, 4) / 1000
    colours, kinds = (np.array([row[place] for row in truth], np.int64) for place in (2, 3))
    names = {"colour": colours, "kind": kinds}
    return Batch(columns, rows, patches, Truth(present, cells, boxes, names), group(conversations))


def _scene(
    rng: np.random.Generator, aspects: list[float], columns: int, rows: int, backgrounds: Backgrounds
) -> tuple[Image.Image, list[Shape]]:
    """A picture whose aspect ratio leads to this grid, drawn near the size it is read at: resizing is cheap."""
    aspect = aspects[rng.integers(len(aspects))]
    area = columns * rows * CELL * CELL * (rng.uniform(0.4, 1.3) if rng.random() < 0.85 else rng.uniform(0.25, 2.5))
    width, height = max(48, round(math.sqrt(area * aspect))), max(48, round(math.sqrt(area / aspect)))
    count = int(rng.choice(MAX_SHAPES + 1, p=(0.04, 0.17, 0.17, 0.16, 0.14, 0.12, 0.08, 0.06, 0.06)))
    picture, shapes = draw_scene(rng, width, height, count, backgrounds)
    return picture, reading_order(shapes, width, height, columns, rows)


def _conversation(
    rng: np.random.Generator, tasks: Odds, turns: int, shapes: list[Shape], size: tuple[int, int], index: int, soft: int
) -> Conversation:
    """One or two questions about the shapes of a picture."""
    names, odds = zip(*tasks, strict=True)
    if rng.random() < OUTSIDE:
        return conversation(outside(rng, OUTSIDE_PICTURE), DECLINE, (index,), soft)
    case = example(rng, names[rng.choice(len(names), p=odds)], shapes, *size)
    talk = conversation(case.question, case.answer, (index,), soft)
    if turns == 2:
        case = example(rng, names[rng.choice(len(names), p=odds)], shapes, *size)
        longer = follow_up(talk, case.question, case.answer)
        return longer if len(longer.ids) <= LONGEST + soft else talk
    return talk
