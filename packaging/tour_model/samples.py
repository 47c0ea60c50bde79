"""Turns scenes and questions into training batches: patches, token ids, and where the answer is."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image
from tokenizers import Tokenizer
from tour_model.architecture import SHAPES_BUDGET, token_id
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
from tour_model.tokenizer import build_tokenizer

BACKGROUNDS = {"boxes": TRAINING_BACKGROUNDS, "steady": HARD_BACKGROUNDS}
CELL = 48  # pixels of a resized picture under one soft token, per side
PATCH = 16
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
LONGEST = 208  # tokens after the picture; a follow-up that would exceed it is not asked


@dataclass(frozen=True)
class Group:
    """Conversations of about one length, so that little of a batch is padding.

    R conversations, T tokens after the picture, M tokens to predict.

    Attributes:
        pictures: int64 [R], which picture of the batch each is about.
        tokens: int64 [R, T], from the end-of-image marker on.
        asked: int64 [M], flat indices into [R, T] of the tokens before the wanted ones.
        wanted: int64 [M], the tokens to predict.
    """

    pictures: np.ndarray
    tokens: np.ndarray
    asked: np.ndarray
    wanted: np.ndarray


@dataclass(frozen=True)
class Batch:
    """Pictures of one grid and the conversations about them.

    B pictures, P = 9·columns·rows patches, N = columns·rows soft tokens, S shapes in all pictures together.

    Attributes:
        columns: soft tokens a row.
        rows: rows of soft tokens.
        patches: uint8 [B, P, 768], row-major patches of (row, column, channel) pixels.
        present: float32 [B·N], 1 where a shape's centre lies in the soft token's cell.
        cells: int64 [S], flat index into [B, N] of each shape's cell.
        boxes: float32 [S, 4], (ymin, xmin, ymax, xmax) in 0–1.
        colours: int64 [S].
        kinds: int64 [S].
        groups: the conversations, shortest first.
    """

    columns: int
    rows: int
    patches: np.ndarray
    present: np.ndarray
    cells: np.ndarray
    boxes: np.ndarray
    colours: np.ndarray
    kinds: np.ndarray
    groups: tuple[Group, ...]


def grid_of(width: int, height: int, budget: int) -> tuple[int, int]:
    """Columns and rows of soft tokens by Gemma 4's resize rule (reference: image_processing_gemma4)."""
    factor = math.sqrt(budget * CELL * CELL / (width * height))
    return int(factor * width / CELL), int(factor * height / CELL)


@cache
def grids(budget: int) -> dict[tuple[int, int], list[float]]:
    """Every grid that pictures of 1:3 to 3:1 fall on, with aspect ratios that lead there."""
    found: dict[tuple[int, int], list[float]] = {}
    for aspect in np.exp(np.linspace(math.log(1 / 3), math.log(3), 4001)):
        found.setdefault(grid_of(round(4096 * aspect), 4096, budget), []).append(float(aspect))
    return {grid: aspects for grid, aspects in found.items() if len(aspects) >= 8}


def make_batch(rng: np.random.Generator, size: int, mix: str = "boxes", budget: int = SHAPES_BUDGET) -> Batch:
    """Draws `size` pictures of one randomly chosen grid and holds one conversation for each entry of the mix."""
    by_grid = grids(budget)
    weights = np.array([len(aspects) for aspects in by_grid.values()], float)
    columns, rows = list(by_grid)[rng.choice(len(by_grid), p=weights / weights.sum())]
    patches = np.empty((size, 9 * columns * rows, 3 * PATCH * PATCH), np.uint8)
    truth: list[tuple[int, tuple[int, ...], int, int]] = []
    conversations = []
    for index in range(size):
        picture, shapes = _scene(rng, by_grid[columns, rows], columns, rows, BACKGROUNDS[mix])
        patches[index] = patchify(picture.resize((columns * CELL, rows * CELL), Image.Resampling.BICUBIC))
        for shape in shapes:
            box = shape.box_1000(picture.width, picture.height)
            row, column = (box[0] + box[2]) * rows // 2000, (box[1] + box[3]) * columns // 2000
            cell = (index * rows + min(rows - 1, row)) * columns + min(columns - 1, column)
            truth.append((cell, box, list(COLOURS).index(shape.colour), KINDS.index(shape.kind)))
        for place, tasks in enumerate(MIXES[mix]):
            turns = 2 if place and rng.random() < FOLLOW_UP else 1
            conversations.append((index, *_conversation(rng, tasks, turns, shapes, picture.width, picture.height)))
    cells = np.array([cell for cell, *_ in truth], np.int64)
    present = np.zeros(size * rows * columns, np.float32)
    present[cells] = 1
    boxes = np.array([box for _, box, *_ in truth], np.float32).reshape(-1, 4) / 1000
    colours, kinds = (np.array([row[place] for row in truth], np.int64) for place in (2, 3))
    return Batch(columns, rows, patches, present, cells, boxes, colours, kinds, _groups(conversations))


def patchify(picture: Image.Image) -> np.ndarray:
    """Cuts a resized picture into flattened 16-pixel patches, uint8 [P, 768], row by row."""
    pixels = np.asarray(picture)
    rows, columns = pixels.shape[0] // PATCH, pixels.shape[1] // PATCH
    return pixels.reshape(rows, PATCH, columns, PATCH, 3).swapaxes(1, 2).reshape(rows * columns, -1)


def positions(columns: int, rows: int) -> np.ndarray:
    """(x, y) of every patch, int64 [P, 2], row by row."""
    y, x = np.mgrid[0 : 3 * rows, 0 : 3 * columns]
    return np.stack([x, y], -1).reshape(-1, 2)


def prompt_prefix(tokenizer: Tokenizer) -> list[int]:
    """The tokens before the picture's soft tokens."""
    return [token_id("<bos>"), token_id("<|turn>"), *tokenizer.encode("user\n").ids, token_id("<|image>")]


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


@cache
def _tokenizer() -> Tokenizer:
    return build_tokenizer()


def _encode(text: str) -> list[int]:
    return _tokenizer().encode(text, add_special_tokens=False).ids


def _conversation(
    rng: np.random.Generator, tasks: Odds, turns: int, shapes: list[Shape], width: int, height: int
) -> tuple[list[int], list[bool]]:
    """Token ids from the end-of-image marker on, and which of them are answers."""
    names, odds = zip(*tasks, strict=True)
    tokens, answers = [token_id("<image|>")], [False]
    for turn in range(turns):
        case = example(rng, names[rng.choice(len(names), p=odds)], shapes, width, height)
        opening = [*_encode("\n"), token_id("<|turn>"), *_encode("user\n")] if turn else []
        asked = [
            *opening,
            *_encode(case.question),
            token_id("<turn|>"),
            *_encode("\n"),
            token_id("<|turn>"),
            *_encode("model\n"),
        ]
        answered = [*_encode(case.answer), token_id("<turn|>")]
        if turn and len(tokens) + len(asked) + len(answered) > LONGEST:
            break
        tokens += asked + answered
        answers += [False] * len(asked) + [True] * len(answered)
    return tokens, answers


def _groups(
    conversations: list[tuple[int, list[int], list[bool]]], count: int = 2, multiple: int = 16
) -> tuple[Group, ...]:
    """Sorts conversations by length and pads them in `count` groups."""
    conversations = sorted(conversations, key=lambda conversation: len(conversation[1]))
    groups = []
    for part in np.array_split(np.arange(len(conversations)), count):
        chosen = [conversations[index] for index in part]
        longest = -(-max(len(ids) for _, ids, _ in chosen) // multiple) * multiple
        tokens, answers = np.zeros((len(chosen), longest), np.int64), np.zeros((len(chosen), longest), bool)
        for row, (_, ids, mask) in enumerate(chosen):
            tokens[row, : len(ids)], answers[row, : len(mask)] = ids, mask
        places = answers.reshape(-1).nonzero()[0]
        groups.append(
            Group(np.array([picture for picture, *_ in chosen]), tokens, places - 1, tokens.reshape(-1)[places])
        )
    return tuple(groups)


def endless_batches(seed: int, size: int, mix: str) -> Iterator[Batch]:
    """Batches without end; a seed always gives the same ones."""
    rng = np.random.default_rng(seed)
    while True:
        yield make_batch(rng, size, mix)
