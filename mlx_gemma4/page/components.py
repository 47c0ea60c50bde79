"""Connected components of a mask, as boxes."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray


def component_boxes(mask: Array) -> Array:
    """Boxes (top, left, bottom, right; int [N, 4], ends excluded) of what hangs together, also across corners."""
    starts, ends, stride = _runs(mask)
    if not len(starts):
        return np.zeros((0, 4), np.int64)
    rows = starts // stride
    boxes = np.stack((rows, starts - rows * stride, rows + 1, ends - rows * stride), axis=1)
    return boxes_around(boxes, joined(len(boxes), *_neighbours(starts, ends, stride)))


def boxes_around(boxes: Array, labels: Array) -> Array:
    """One box around all of each label."""
    _, groups = np.unique(labels, return_inverse=True)
    order = np.argsort(groups, kind="stable")
    firsts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    if not len(firsts):
        return boxes
    low = np.minimum.reduceat(boxes[order, :2], firsts)
    high = np.maximum.reduceat(boxes[order, 2:], firsts)
    return np.concatenate((low, high), axis=1)


def _runs(mask: Array) -> tuple[Array, Array, int]:
    """Where runs start and end, in cells counted row by row; and how many a row has, with an empty one at its end."""
    stride = mask.shape[1] + 1
    cells = np.zeros(mask.shape[0] * stride + 1, np.int8)
    cells[1:].reshape(mask.shape[0], stride)[:, :-1] = mask
    steps = np.diff(cells)
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), stride


def _neighbours(starts: Array, ends: Array, stride: int) -> tuple[Array, Array]:
    """Pairs of runs that touch, one in the row below the other's."""
    first = np.searchsorted(ends, starts + stride, "left")
    count = np.maximum(np.searchsorted(starts, ends + stride, "right") - first, 0)
    upper = np.repeat(np.arange(len(starts)), count)
    lower = np.arange(count.sum()) + np.repeat(first - np.cumsum(count) + count, count)
    return upper, lower


def joined(count: int, one: Array, other: Array) -> Array:
    """The lowest index that each of `count` things is connected with, by way of these pairs."""
    labels = np.arange(count)
    while True:
        low = np.minimum(labels[one], labels[other])
        high = np.maximum(labels[one], labels[other])
        if (low == high).all():
            return labels
        np.minimum.at(labels, high, low)
        while not (labels == labels[labels]).all():
            labels = labels[labels]
