"""The rule by which a query of a sliding layer sees a key, for any arrangement of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_NO_BLOCK = -1


def sees(queries: Any, keys: Any, window: int, query_blocks: Any = None, key_blocks: Any = None) -> Any:
    """Whether queries at some positions see keys at others: up to themselves or in the same block, within the window.

    The window bounds only backwards: of a block that is longer than the window, a query sees all rows that follow it,
    but no row that is `window` or more before it. (transformers: sliding_window_overlay AND (causal OR
    blockwise_overlay).) Arrays of integers, all of MLX or all of numpy, that broadcast to what is returned, an array of
    truth values; the blocks are what `block_numbers` has at those positions, or None without any.
    """
    ages = queries - keys
    visible = ages >= 0
    if query_blocks is not None:
        visible = visible | ((query_blocks == key_blocks) & (query_blocks != _NO_BLOCK))
    return visible & (ages < window)


def block_numbers(blocks: Sequence[range], start: int, stop: int) -> npt.NDArray[np.int32]:
    """For each position from `start` to `stop` the number of its block, or −1: int32; blocks lie in that range."""
    numbers = np.full(stop - start, _NO_BLOCK, dtype=np.int32)
    for number, block in enumerate(blocks):
        numbers[block.start - start : block.stop - start] = number
    return numbers
