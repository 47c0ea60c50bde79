"""Several tokens through the model at once, in decoding: what each is followed by, none of them counted yet.

Shapes: K kv heads, S slots of a cache, L tokens, H head dim, D hidden, W window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import mlx.core as mx
import numpy as np

from mlx_gemma4.generation.decode_step import StepStore, embed_token
from mlx_gemma4.generation.sampling import Chooser, Draw
from mlx_gemma4.kernels.packed_rows import Rows, rows_of, slots_of
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.forward_pass import ForwardPass
from mlx_gemma4.model.text.masks import Written


class Block(NamedTuple):
    """What a block leaves behind.

    Attributes:
        chosen: the token after each of the block's tokens, [L].
        hidden_LD: the stream after the final norm, at each of them.
        draws: the draw before the first of them and after each, L + 1.
        globals: keys and values of global owners, all L rows written.
        rows: new keys and values [K, L, H] of sliding owners, written nowhere yet.
    """

    chosen: mx.array
    hidden_LD: mx.array
    draws: list[Draw]
    globals: list[Rows]
    rows: list[mx.array]


class _RingRows:
    """A ring as it is, with a block's rows behind it."""

    def __init__(self, keys_KSH: mx.array, values_KSH: mx.array) -> None:
        self.ring = keys_KSH, values_KSH
        self.rows: list[mx.array] = []

    def extend(self, k_KLH: mx.array, v_KLH: mx.array) -> tuple[mx.array, mx.array]:
        """All slots and then the new rows; a mask hides the slots that no longer count."""
        self.rows = [k_KLH, v_KLH]
        keys, values = self.ring
        return mx.concatenate([keys, k_KLH], axis=1), mx.concatenate([values, v_KLH], axis=1)


BlockStep = Callable[[mx.array, mx.array, Draw, Sequence[Rows]], Block]


def block_step(model: Gemma4, choose: Chooser) -> BlockStep:
    """A compiled block over `tokens` [L] from position `offset` on, for this model and this way of choosing.

    It is compiled for each L and each capacity of the global buffers. Rings are left alone: a row that turns out not to
    count must not have pushed one out that still does.
    """
    text, config = model.text, model.config.text
    owners = text.plan.owners
    rings = [layer for layer in owners if config.layer_types[layer] is AttentionType.SLIDING]
    wide = [layer for layer in owners if config.layer_types[layer] is AttentionType.GLOBAL]

    def traced(
        tokens: mx.array,
        fetched: Sequence[mx.array],
        offset: mx.array,
        draw: Sequence[mx.array],
        arrays: Sequence[Rows],
    ) -> Any:
        length = tokens.shape[0]
        pairs = {layer: (arrays[2 * index], arrays[2 * index + 1]) for index, layer in enumerate(owners)}
        stores: dict[int, StepStore | _RingRows] = {layer: StepStore(*pairs[layer], offset) for layer in wide}
        stores |= {layer: _RingRows(*pairs[layer]) for layer in rings}  # type: ignore[arg-type]  # a ring is never packed
        positions_L = offset + mx.arange(length)
        forward = ForwardPass(
            rotations=text.rotations(positions_L),
            masks={
                AttentionType.SLIDING: Written(
                    offset, config.window, _ring_mask(config.window, length, offset, text.dtype), behind=True
                ),
                AttentionType.GLOBAL: Written(
                    offset, 0, _written_mask(slots_of(rows_of(pairs[wide[0]][0])), positions_L, text.dtype)
                ),
            },
            stores=stores,
        )
        x_LD, vectors = embed_token(model, tokens, fetched)
        normed_LD = text.run_layers(text.begin(x_LD), vectors, forward, range(config.layers)).normed_LD
        logits_LV = text.logits(normed_LD)
        chosen, draws = [], [Draw(*draw)]
        for row in range(length):
            token, after = choose(logits_LV[row], draws[-1])
            chosen.append(token)
            draws.append(after)
        written = [array for layer in wide for array in stores[layer].arrays]  # type: ignore[union-attr]
        rows = [array for layer in rings for array in stores[layer].rows]  # type: ignore[union-attr]
        return mx.stack(chosen), normed_LD, [tuple(each) for each in draws], written, rows

    compiled = mx.compile(traced)

    def step(tokens: mx.array, offset: mx.array, draw: Draw, arrays: Sequence[Rows]) -> Block:
        chosen, hidden_LD, draws, written, rows = compiled(tokens, model.fetch_rows(tokens), offset, draw, arrays)
        return Block(chosen, hidden_LD, [Draw(*each) for each in draws], written, rows)

    return step


def _written_mask(slots: int, positions_L: mx.array, dtype: mx.Dtype) -> mx.array:
    """Hides the slots of a growing cache after each position: 0 or −inf to add, [L, slots]."""
    return _added(mx.array(np.arange(slots, dtype=np.int32)) <= positions_L[:, None], dtype)


def _ring_mask(window: int, length: int, offset: mx.array, dtype: mx.Dtype) -> mx.array:
    """Hides what a block's queries do not see of a ring with rows up to `offset` and of their own rows: [L, W + L]."""
    slots_W = mx.array(np.arange(window, dtype=np.int32))
    newest = offset - 1
    held_W = newest - (newest - slots_W) % window  # the position of the row in each slot; below 0 without one
    queries_L = (offset + mx.arange(length))[:, None]
    own_L = offset + mx.arange(length)
    keys = mx.concatenate([held_W, own_L])
    return _added((keys >= 0) & (keys <= queries_L) & (queries_L - keys < window), dtype)


def _added(seen: mx.array, dtype: mx.Dtype) -> mx.array:
    return mx.where(seen, 0.0, -float("inf")).astype(dtype)
