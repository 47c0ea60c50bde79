"""Several tokens ahead by a drafter, over the target's keys and values, in one compiled function.

Shapes: K kv heads, S slots of a cache, H head dim, D target's hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import mlx.core as mx

from mlx_gemma4.cache.layer_caches import LayerCaches
from mlx_gemma4.generation.decode_step import written_mask
from mlx_gemma4.generation.fixed_weights import with_turned_weights
from mlx_gemma4.kernels.packed_rows import Rows, rows_of, slots_of
from mlx_gemma4.model.drafter.drafter import Drafter
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.masks import Written

Draft = Callable[[mx.array, mx.array, mx.array, Sequence[Rows]], mx.array]


class Guesser(Protocol):
    """Says what may come next; whatever it says, the answer is the same, sooner or later."""

    def guess(self, token: int, hidden_1D: mx.array, caches: LayerCaches, count: int) -> mx.array:
        """`count` ids that may follow `token`, which is pending.

        Args:
            token: the last token, which has no row in the caches yet.
            hidden_1D: the target's stream after its final norm, at the token before.
            caches: the target's; nothing in them is changed, and no array of them kept.
            count: how many.
        """
        ...


class DrafterGuesser:
    """A `Drafter` beside the model that it was made for."""

    def __init__(self, model: Gemma4, drafter: Drafter) -> None:
        """The two together.

        Raises:
            CheckpointError: they do not fit.
        """
        drafter.config.check_fits(model.config.text)
        self._model = model
        self._drafter = with_turned_weights(drafter)
        plan = model.text.plan
        self._sources = [plan.owners_of(kind)[-1] for kind in (AttentionType.SLIDING, AttentionType.GLOBAL)]
        self._drafts: dict[int, Draft] = {}

    def guess(self, token: int, hidden_1D: mx.array, caches: LayerCaches, count: int) -> mx.array:
        """See `Guesser.guess`."""
        if count not in self._drafts:
            self._drafts[count] = self._draft(count)
        stores = caches.stores
        arrays = [array for layer in self._sources for array in (stores[layer].keys, stores[layer].values)]
        last = mx.array(caches.length - 1, dtype=mx.int32)
        return self._drafts[count](mx.array([token], dtype=mx.uint32), hidden_1D, last, arrays)

    def _draft(self, count: int) -> Draft:
        drafter, text = self._drafter, self._model.text
        windows = {AttentionType.SLIDING: text.config.window, AttentionType.GLOBAL: 0}

        def traced(token_1: mx.array, hidden_1D: mx.array, last: mx.array, arrays: Sequence[Rows]) -> mx.array:
            pairs = {AttentionType.SLIDING: arrays[:2], AttentionType.GLOBAL: arrays[2:]}
            keys_values = {kind: (rows_of(keys), rows_of(values)) for kind, (keys, values) in pairs.items()}
            masks = {
                kind: Written(last, windows[kind], written_mask(slots_of(keys), last, hidden_1D.dtype))
                for kind, (keys, _) in keys_values.items()
            }
            rotations = drafter.rotations(last.reshape(1))
            guessed = []
            for _ in range(count):
                hidden_1D, normed = drafter(text.embed(token_1), hidden_1D, rotations, keys_values, masks)
                token_1 = drafter.best(normed).astype(mx.uint32)
                guessed.append(token_1)
            return mx.concatenate(guessed)

        return mx.compile(traced)
