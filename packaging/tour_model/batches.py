"""Training batches: pictures of one grid, what their soft tokens show, and conversations about them.

B pictures, P = 9·columns·rows patches, N = columns·rows soft tokens, R conversations, T tokens, M tokens to predict.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image
from tour_model.architecture import token_id
from tour_model.conversations import Conversation

CELL = 48  # pixels of a resized picture under one soft token, per side
PATCH = 16
SEEN = (token_id("<|image|>"), token_id("<|video|>"))  # the markers of soft tokens of pictures and frames


@dataclass(frozen=True)
class Group:
    """Conversations of about one length and with equally many pictures, so that little of a batch is padding.

    Attributes:
        pictures: int64 [R, pictures of each], indices into the batch.
        tokens: int64 [R, T], the whole conversation; the picture marker stands at every soft token.
        asked: int64 [M], flat indices into [R, T] of the tokens before the wanted ones.
        wanted: int64 [M], the tokens to predict.
        sounds: int64 [R, sounds of each], indices into the batch.
        places: int64 [soft tokens of all its pictures], flat indices into [R, T] of the picture's markers, in order.
        weights: float32 [M], how much each token counts: those of a conversation 1/√(its number of them), so that a
            short answer is not lost beside a page's.
    """

    pictures: np.ndarray
    tokens: np.ndarray
    asked: np.ndarray
    wanted: np.ndarray
    sounds: np.ndarray
    places: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Truth:
    """What the soft tokens of a batch show: S things, each in the cell of its centre, and W words.

    Attributes:
        present: float32 [B·N], 1 where a thing's centre lies in the soft token's cell.
        cells: int64 [S], flat index into [B, N] of each thing's cell.
        boxes: float32 [S, 4], (ymin, xmin, ymax, xmax) in 0–1.
        names: int64 [S] each, by what is named: "colour" and "kind" of shapes, "element" of pages.
        words: int64 [W, 2], flat index of the cell of a word's middle, and the word's first token.
    """

    present: np.ndarray
    cells: np.ndarray
    boxes: np.ndarray
    names: dict[str, np.ndarray]
    words: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))


@dataclass(frozen=True)
class Sounds:
    """H recordings of a batch, of S samples at most, with Q phrases in all, of L letters at most, padded with zeros.

    Attributes:
        samples: int16 [H, S], mono at 16 kHz.
        lengths: int64 [H], samples of each.
        phrases: int64 [Q, 3], which recording a phrase is in, the first of its soft tokens there, and how many.
        letters: int64 [Q, L], what is said in it, letter by letter, counted from 1.
        spelt: int64 [Q], letters of each.
    """

    samples: np.ndarray
    lengths: np.ndarray
    phrases: np.ndarray
    letters: np.ndarray
    spelt: np.ndarray


@dataclass(frozen=True)
class Batch:
    """Pictures of one grid, recordings, and the conversations about them.

    Attributes:
        columns: of the grid; 0 where there are no pictures.
        rows: of the grid.
        patches: uint8 [B, P, 768], row by row.
        truth: what the pictures show; None where nobody is to learn it directly.
        groups: the conversations.
        sounds: what is heard; None where there are no recordings.
    """

    columns: int
    rows: int
    patches: np.ndarray
    truth: Truth | None
    groups: tuple[Group, ...]
    sounds: Sounds | None = None

    def arrays(self) -> dict[str, Any]:
        """All that `losses` asks for, by name."""
        return {
            "patches": self.patches, "truth": self.truth and vars(self.truth), "groups": [vars(g) for g in self.groups],
            "sounds": self.sounds and vars(self.sounds),
        }  # fmt: skip


def grid_of(width: int, height: int, budget: int) -> tuple[int, int]:
    """Columns and rows of soft tokens by Gemma 4's resize rule (reference: image_processing_gemma4)."""
    factor = math.sqrt(budget * CELL * CELL / (width * height))
    return int(factor * width / CELL), int(factor * height / CELL)


@cache
def grids(budget: int, flattest: float = 3.0) -> dict[tuple[int, int], list[float]]:
    """Every grid that pictures of 1:`flattest` to `flattest`:1 fall on, with aspect ratios that lead there."""
    found: dict[tuple[int, int], list[float]] = {}
    for aspect in np.exp(np.linspace(-math.log(flattest), math.log(flattest), 4001)):
        found.setdefault(grid_of(round(4096 * aspect), 4096, budget), []).append(float(aspect))
    return {grid: aspects for grid, aspects in found.items() if len(aspects) >= 8}


def choose_grid(rng: np.random.Generator, by_grid: dict[tuple[int, int], list[float]]) -> tuple[int, int]:
    """A grid, as often as pictures fall on it."""
    weights = np.array([len(aspects) for aspects in by_grid.values()], float)
    return list(by_grid)[rng.choice(len(by_grid), p=weights / weights.sum())]


def patchify(picture: Image.Image) -> np.ndarray:
    """Cuts a resized picture into flattened 16-pixel patches, uint8 [P, 768], row by row."""
    pixels = np.asarray(picture)
    rows, columns = pixels.shape[0] // PATCH, pixels.shape[1] // PATCH
    return pixels.reshape(rows, PATCH, columns, PATCH, 3).swapaxes(1, 2).reshape(rows * columns, -1)


def read_at(picture: Image.Image, columns: int, rows: int) -> np.ndarray:
    """The patches of a picture resized to a grid."""
    return patchify(picture.resize((columns * CELL, rows * CELL), Image.Resampling.BICUBIC))


def positions(columns: int, rows: int) -> np.ndarray:
    """(x, y) of every patch, int64 [P, 2], row by row."""
    y, x = np.mgrid[0 : 3 * rows, 0 : 3 * columns]
    return np.stack([x, y], -1).reshape(-1, 2)


def cell_at(picture: int, y_1000: float, x_1000: float, columns: int, rows: int) -> int:
    """Flat index of the cell of a point on the grid of 0–1000."""
    row, column = int(y_1000 * rows // 1000), int(x_1000 * columns // 1000)
    return (picture * rows + min(rows - 1, row)) * columns + min(columns - 1, column)


def group(conversations: Sequence[Conversation], count: int = 2, multiple: int = 32) -> tuple[Group, ...]:
    """Conversations sorted by length and padded: those about one file in `count` groups, the few others in one each.

    Every group is a pass of the decoder, which costs the host as much as one of any size.
    """
    groups: list[Group] = []
    for pictures, sounds in sorted({(len(c.pictures), len(c.sounds)) for c in conversations}):
        with_as_many = [c for c in conversations if (len(c.pictures), len(c.sounds)) == (pictures, sounds)]
        alike = sorted(with_as_many, key=lambda c: len(c.ids))
        ends = least_padding([len(c.ids) for c in alike], count if pictures + sounds == 1 else 1)
        groups += [_padded(alike[start:end], multiple) for start, end in pairwise([0, *ends])]
    return tuple(groups)


def least_padding(lengths: Sequence[int], count: int) -> list[int]:
    """Where each of at most `count` groups of ascending lengths ends, so that the least of them is padding."""
    ends = np.arange(len(lengths) + 1)
    padded = np.array([0, *lengths]) * (ends - ends[:, None])  # of the group from row to column
    padded = np.where(ends > ends[:, None], padded, np.inf)
    least, starts = padded[0], []
    for _ in range(min(count, len(lengths)) - 1):
        both = least[:, None] + padded
        starts.append(both.argmin(0))
        least = both.min(0)
    found = [len(lengths)]
    for start in reversed(starts):
        found.insert(0, int(start[found[0]]))
    return found


def _padded(chosen: list[Conversation], multiple: int) -> Group:
    longest = -(-max(len(c.ids) for c in chosen) // multiple) * multiple
    tokens, answers = np.zeros((len(chosen), longest), np.int64), np.zeros((len(chosen), longest), bool)
    for row, c in enumerate(chosen):
        tokens[row, : len(c.ids)], answers[row, : len(c.answers)] = c.ids, c.answers
    wanted = answers.reshape(-1).nonzero()[0]
    pictures = np.array([c.pictures for c in chosen], np.int64).reshape(len(chosen), -1)
    sounds = np.array([c.sounds for c in chosen], np.int64).reshape(len(chosen), -1)
    said = answers.sum(1)
    places = np.isin(tokens.reshape(-1), SEEN).nonzero()[0]
    weights = np.repeat(said.astype(np.float32) ** -0.5, said)
    return Group(pictures, tokens, wanted - 1, tokens.reshape(-1)[wanted], sounds, places, weights)
