"""Choose the next token from logits: temperature, then top-k, then top-p, as the reference orders them.

Shapes: V vocabulary, C candidates. Everything here runs inside the decode step, on arrays, without a look at a value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import Enum
from typing import NamedTuple, TypeAlias

import mlx.core as mx
import numpy as np

from mlx_gemma4.protocol.requests import SamplingSettings

_BLOCK = 128
_MOST_BLOCKS = 64
_FAR_BELOW = -float("inf")


class Choice(Enum):
    """How a decode step ends; each is compiled on its own."""

    LOGITS = "logits"
    GREEDY = "greedy"
    BLOCK_TOP_K = "block_top_k"
    SORTED = "sorted"

    @classmethod
    def of(cls, settings: SamplingSettings) -> Choice:
        """The cheapest exact way to follow `settings`."""
        if settings.temperature == 0:
            return cls.GREEDY
        return cls.BLOCK_TOP_K if 1 <= settings.top_k <= _MOST_BLOCKS else cls.SORTED


class Draw(NamedTuple):
    """The settings of a draw as arrays, so that other values need no other compiled step.

    temperature and top_p are float32, top_k is int32, key is a PRNG key that each draw moves on.
    """

    temperature: mx.array
    top_k: mx.array
    top_p: mx.array
    key: mx.array

    @classmethod
    def of(cls, settings: SamplingSettings, vocabulary: int) -> Draw:
        """Arrays of `settings`; top-k off is a k of the whole vocabulary, a missing seed a fresh one."""
        seed = int(np.random.default_rng().integers(2**63)) if settings.seed is None else settings.seed
        return cls(
            mx.array(settings.temperature or 1.0, dtype=mx.float32),
            mx.array(min(settings.top_k or vocabulary, vocabulary), dtype=mx.int32),
            mx.array(settings.top_p, dtype=mx.float32),
            mx.random.key(seed),
        )


Chooser: TypeAlias = Callable[[mx.array, Draw], tuple[mx.array, Draw]]
"""From logits [V] and a draw to the chosen id (or the logits, float32) and the next draw."""


def chooser(choice: Choice, suppressed_ids: Collection[int] = ()) -> Chooser:
    """The end of a decode step; ids in `suppressed_ids` are never chosen. Logits come out as the model gives them."""
    choose: Chooser = {
        Choice.LOGITS: lambda logits_V, draw: (logits_V.astype(mx.float32), draw),
        Choice.GREEDY: lambda logits_V, draw: (mx.argmax(logits_V), draw),
        Choice.BLOCK_TOP_K: lambda logits_V, draw: sample(*best_by_blocks(logits_V), draw),
        Choice.SORTED: lambda logits_V, draw: sample(*best_by_sorting(logits_V), draw),
    }[choice]
    if choice is Choice.LOGITS or not suppressed_ids:
        return choose
    return lambda logits_V, draw: choose(without(logits_V, suppressed_ids), draw)


def without(logits_V: mx.array, ids: Collection[int]) -> mx.array:
    """Logits [V] that leave `ids` no chance: an addition, which is fused with the softcap before it."""
    added_V = np.zeros(logits_V.shape, dtype=np.float32)
    added_V[[token_id for token_id in ids if token_id < len(added_V)]] = _FAR_BELOW
    return logits_V + mx.array(added_V, dtype=logits_V.dtype)


def best_by_blocks(logits_V: mx.array) -> tuple[mx.array, mx.array]:
    """The 64 largest logits in falling order and their ids [C], without sorting the vocabulary.

    The 64 largest values lie in at most 64 blocks, and those are among the 64 blocks with the largest maxima. With
    values equal to the 64th it is open which of them are taken.
    """
    vocabulary = logits_V.shape[0]
    blocks = -(-vocabulary // _BLOCK)
    if blocks <= _MOST_BLOCKS:
        return _largest(logits_V, mx.arange(vocabulary), min(_MOST_BLOCKS, vocabulary))
    padded = mx.pad(logits_V, (0, blocks * _BLOCK - vocabulary), constant_values=_FAR_BELOW)
    by_block = padded.reshape(blocks, _BLOCK)
    best_blocks = mx.argpartition(-by_block.max(axis=1), _MOST_BLOCKS - 1)[:_MOST_BLOCKS]
    ids = best_blocks[:, None] * _BLOCK + mx.arange(_BLOCK)
    return _largest(by_block[best_blocks].reshape(-1), ids.reshape(-1), _MOST_BLOCKS)


def best_by_sorting(logits_V: mx.array) -> tuple[mx.array, mx.array]:
    """All logits in falling order and their ids [V]."""
    return _largest(logits_V, mx.arange(logits_V.shape[0]), logits_V.shape[0])


def apply_top_k(falling_C: mx.array, top_k: mx.array) -> mx.array:
    """Drop what is below the k-th of logits in falling order; equals of the k-th stay."""
    return mx.where(falling_C < mx.take(falling_C, mx.minimum(top_k, falling_C.shape[0]) - 1), _FAR_BELOW, falling_C)


def apply_top_p(falling_C: mx.array, top_p: mx.array) -> mx.array:
    """Keep, of logits in falling order, the fewest whose probabilities reach `top_p`: all at 1, never none."""
    probabilities = mx.softmax(falling_C)
    before = mx.cumsum(probabilities) - probabilities
    dropped = (before >= top_p) & (mx.arange(falling_C.shape[0]) > 0) & (top_p < 1)
    return mx.where(dropped, _FAR_BELOW, falling_C)


def sample(falling_C: mx.array, ids_C: mx.array, draw: Draw) -> tuple[mx.array, Draw]:
    """Draw one of the candidates, given in falling order; returns its id and the draw with the next key."""
    key, now = mx.random.split(draw.key)
    kept = apply_top_p(apply_top_k(falling_C.astype(mx.float32) / draw.temperature, draw.top_k), draw.top_p)
    drawn = mx.random.categorical(kept, key=now)
    return ids_C[drawn].astype(mx.uint32), Draw(draw.temperature, draw.top_k, draw.top_p, key)


def _largest(values: mx.array, ids: mx.array, count: int) -> tuple[mx.array, mx.array]:
    if count < values.shape[0]:
        chosen = mx.argpartition(-values, count - 1)[:count]
        values, ids = values[chosen], ids[chosen]
    order = mx.argsort(-values)
    return values[order], ids[order]
