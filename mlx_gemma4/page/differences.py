"""How far apart two aligned pictures of a page are, pixel by pixel.

Letters: H rows of both pictures, K rows of both laid side by side, W columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from mlx_gemma4.page.alignment import Alignment
from mlx_gemma4.page.colours import difference

Array: TypeAlias = np.ndarray
_NOTICED = 3.0  # Lab units of a channel that nobody misses
_SMOOTHED = 0.35  # of the contrast around a pixel: so far browsers disagree about the rims of letters


def differences(screenshot: Array, rendering: Array, alignment: Alignment) -> Array:
    """CIEDE2000 between pictures (Lab [H, W, 3]) laid side by side; 0 where they differ by a pixel's shift; [K, W].

    What one of them has alone is compared with the row above or below it.
    """
    one, other = _beside(screenshot, rendering, alignment)
    apart = np.zeros(one.shape[:2], np.float32)
    differs = _beyond(one, other) | _beyond(other, one)
    apart[differs] = difference(one[differs], other[differs])
    return apart


def _beside(screenshot: Array, rendering: Array, alignment: Alignment) -> tuple[Array, Array]:
    """Both pictures with K rows; where one has none, what would be there if the other's surroundings went on."""
    one, other = screenshot[np.maximum(alignment.screenshot, 0)], rendering[np.maximum(alignment.rendering, 0)]
    for rows, laid, full in ((alignment.screenshot, one, other), (alignment.rendering, other, one)):
        lacks = np.flatnonzero(np.diff(rows < 0, prepend=False, append=False))
        for first, last in lacks.reshape(-1, 2):
            around = [full[at] for at in (first - 1, last) if 0 <= at < len(full)]
            laid[first:last] = min(around, key=lambda row: np.abs(full[first:last] - row).sum(), default=laid[0])
    return one, other


def _beyond(one: Array, other: Array) -> Array:
    """Where a pixel has a colour that the other picture has nowhere in the nine pixels around it."""
    low, high = _spread(other, np.minimum), _spread(other, np.maximum)
    margin = _NOTICED + _SMOOTHED * (high - low)
    return np.any((one < low - margin) | (one > high + margin), axis=-1)


def _spread(lab: Array, pick: Callable[[Array, Array], Array]) -> Array:
    """The least or greatest of the nine pixels around each, by channel."""
    down = lab.copy()
    down[1:] = pick(down[1:], lab[:-1])
    down[:-1] = pick(down[:-1], lab[1:])
    across = down.copy()
    across[:, 1:] = pick(across[:, 1:], down[:, :-1])
    across[:, :-1] = pick(across[:, :-1], down[:, 1:])
    return across
