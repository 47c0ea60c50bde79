"""What stands on a page, as far as pixels tell: lines of text, signs, pictures, and frames around others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

from mlx_gemma4.page.components import boxes_around, component_boxes, joined

Array: TypeAlias = np.ndarray
EDGE = 4.0  # in Lab: what is less apart from its neighbour is no edge
SHAPE = (12, 32)  # rows and columns of the small picture that blocks are told apart by
_JOIN = 3  # pixels between letters of a word, at most
_WORD_SPACE = 0.6  # of the height of a line, at most
_HIGHEST_LINE = 64
_SLIMMEST = 8  # times as high as wide; what is slimmer is no letter but a piece of a frame
_ROOM = 2  # between a frame and what is in it, at least; the dot of an i is not in its word
_LEAST = 3  # pixels along the longer side
_MOST = 1500


@dataclass(frozen=True)
class Blocks:
    """Things on a page, N of them.

    Attributes:
        boxes: top, left, bottom, right in pixels, ends excluded; int [N, 4].
        shapes: what they look like whatever their size and colours: contrasts of a small picture, of mean 0 and norm 1
            (0 for those without any); float32 [N, rows·columns].
        ink: Lab colour of what stands out in each; float32 [N, 3].
        paper: Lab colour behind it; float32 [N, 3].
    """

    boxes: Array
    shapes: Array
    ink: Array
    paper: Array

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def frames(self) -> Array:
        """Which of them are around others; bool [N]."""
        return np.any(_around(self.boxes), axis=1)

    @property
    def sizes(self) -> Array:
        """Heights and widths; int [N, 2]."""
        return self.boxes[:, 2:] - self.boxes[:, :2]

    @property
    def centres(self) -> Array:
        """Down and across; float [N, 2]."""
        return (self.boxes[:, 2:] + self.boxes[:, :2]) / 2


def find_edges(lab: Array) -> Array:
    """Which pixels differ from the one to their right or below, or from the one to their left or above; bool [H, W]."""
    down = np.abs(lab[1:] - lab[:-1]).max(axis=-1) > EDGE
    across = np.abs(lab[:, 1:] - lab[:, :-1]).max(axis=-1) > EDGE
    edges = np.zeros(lab.shape[:2], bool)
    edges[1:] |= down
    edges[:-1] |= down
    edges[:, 1:] |= across
    edges[:, :-1] |= across
    return edges


def find_blocks(lab: Array, edges: Array) -> Blocks:
    """The things on a page, from top to bottom; of very many the largest."""
    letters = edges.copy()
    for step in range(1, _JOIN + 1):
        letters[:, step:] |= edges[:, :-step]
    boxes = component_boxes(letters)
    boxes[:, 3] = np.maximum(boxes[:, 3] - _JOIN, boxes[:, 1] + 1)
    boxes = _largest(boxes[(boxes[:, 2:] - boxes[:, :2]).max(axis=1) >= _LEAST])
    boxes = _lines(boxes)
    boxes = boxes[np.lexsort((boxes[:, 1], boxes[:, 0]))]
    looks = [_look(lab[top:bottom, left:right]) for top, left, bottom, right in boxes]
    if not looks:
        return Blocks(boxes, np.zeros((0, SHAPE[0] * SHAPE[1]), np.float32), *2 * [np.zeros((0, 3), np.float32)])
    shapes, ink, paper = (np.array(values, np.float32) for values in zip(*looks, strict=True))
    return Blocks(boxes, shapes, ink, paper)


def _largest(boxes: Array) -> Array:
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return boxes[np.argsort(-area, kind="stable")[:_MOST]]


def _lines(boxes: Array) -> Array:
    """The boxes, with words of one line joined: what stands side by side with little between, and has nothing in it."""
    top, left, bottom, right = boxes.T
    high = bottom - top
    plain = ~_around(boxes).any(axis=1) & (high <= _HIGHEST_LINE) & (high <= _SLIMMEST * (right - left))
    shared = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    between = np.maximum(left[:, None], left) - np.minimum(right[:, None], right)
    fits = shared >= np.minimum(high[:, None], high) / 2
    fits &= between <= np.maximum(_WORD_SPACE * np.maximum(high[:, None], high), _JOIN)
    labels = joined(len(boxes), *np.nonzero(np.triu(fits & plain[:, None] & plain, 1)))
    return boxes_around(boxes, labels)


def _around(boxes: Array) -> Array:
    """Which boxes (rows) have which others in them, with room on all sides; bool [N, N]."""
    top, left, bottom, right = (boxes[:, side, None] for side in range(4))
    holds = (top + _ROOM <= boxes[:, 0]) & (left + _ROOM <= boxes[:, 1])
    return holds & (bottom - _ROOM >= boxes[:, 2]) & (right - _ROOM >= boxes[:, 3])


def _look(lab: Array) -> tuple[Array, Array, Array]:
    """Shape, ink and paper of a block: its paper is what most of its rim is, its ink what is far from that."""
    rim = np.concatenate((lab[0], lab[-1], lab[:, 0], lab[:, -1]))
    paper = np.median(rim, axis=0)
    apart = np.abs(lab - paper).sum(axis=-1)
    ink = lab[apart >= 0.7 * apart.max()].mean(axis=0) if apart.max() > 0 else paper
    small = Image.fromarray(apart).resize((SHAPE[1], SHAPE[0]), Image.Resampling.BILINEAR)
    shape = np.asarray(small, np.float32).ravel()
    shape = shape - shape.mean()
    norm = np.linalg.norm(shape)
    return shape / norm if norm > 1e-3 else np.zeros_like(shape), ink, paper
