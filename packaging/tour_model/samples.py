"""Training batches of shapes: scenes drawn as training runs, and questions about them."""

import math
from collections.abc import Sequence

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
Thing = tuple[int, tuple[int, int, int, int], int, int]  # cell, box, and the numbers of colour and kind
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
    things: list[Thing] = []
    conversations: list[Conversation] = []
    for index in range(size):
        picture, shapes = _scene(rng, by_grid[columns, rows], columns, rows, BACKGROUNDS[mix])
        patches[index] = read_at(picture, columns, rows)
        things += [thing(shape, picture.size, index, columns, rows) for shape in shapes]
        for place, tasks in enumerate(MIXES[mix]):
            turns = 2 if place and rng.random() < FOLLOW_UP else 1
            conversations.append(_conversation(rng, tasks, turns, shapes, picture.size, index, columns * rows))
    return Batch(columns, rows, patches, truth_of(things, size * rows * columns), group(conversations))


def thing(shape: Shape, size: tuple[int, int], picture: int, columns: int, rows: int) -> Thing:
    """What the soft tokens of a picture of that size show of a shape."""
    box = shape.box_1000(*size)
    cell = cell_at(picture, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, columns, rows)
    return cell, box, list(COLOURS).index(shape.colour), KINDS.index(shape.kind)


def truth_of(things: Sequence[Thing], cells: int) -> Truth:
    """All shapes of a batch with so many soft tokens."""
    taken, boxes, colours, kinds = zip(*things, strict=True) if things else ((), (), (), ())
    present = np.zeros(cells, np.float32)
    present[list(taken)] = 1
    names = {"colour": np.array(colours, np.int64), "kind": np.array(kinds, np.int64)}
    return Truth(present, np.array(taken, np.int64), np.array(boxes, np.float32).reshape(-1, 4) / 1000, names)


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
