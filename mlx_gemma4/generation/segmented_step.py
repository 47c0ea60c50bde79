"""The decode step as compiled runs between global layers, whose attention is eager over exactly the written keys.

Shapes: L tokens (1), K kv heads, S keys, N query heads, H head dim, D hidden, P width of a
per-layer embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mlx.core as mx

from mlx_gemma4.generation.decode_step import Step, StepStore, Surroundings, embed_token, write_row
from mlx_gemma4.generation.sampling import Chooser, Draw
from mlx_gemma4.kernels.packed_rows import Rows, cut, rows_of
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.text.attention import attend
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.decoder import TextDecoder, Vectors
from mlx_gemma4.model.text.forward_pass import ForwardPass


class _Run:
    """The layers after one global layer's attention up to the next one's: traced as one function.

    `after` is None in the first run, `before` in the last.
    """

    def __init__(self, text: TextDecoder, after: int | None, before: int | None) -> None:
        plan = text.plan
        self.text, self.after, self.before = text, after, before
        self.layers = range(0 if after is None else after + 1, text.config.layers if before is None else before)
        self.owners = [layer for layer in self.layers if layer in plan.owners]
        self.borrowed = sorted({plan.sources[layer] for layer in self.layers} - set(self.owners))
        self.call: Callable[..., Any] = mx.compile(self._traced)

    def _traced(
        self,
        x_LD: mx.array,  # the embedded token in the first run, then the residual stream
        attended_LJ: mx.array | None,
        vectors: Vectors,
        around: Sequence[Any],
        own: Sequence[tuple[Rows, Rows]],
        borrowed: Sequence[tuple[Rows, Rows]],
    ) -> tuple[mx.array, tuple[mx.array, ...], list[list[Rows]]]:
        """The residual stream, what the next global layer projects, and the rings of this run's owners, written.

        The last run gives the stream as the final norm makes it.
        """
        text, surroundings = self.text, Surroundings(*around)
        if self.after is None:
            stream = text.begin(x_LD)
        else:
            vector = vectors[self.after] if vectors else None
            assert attended_LJ is not None
            stream = text.layers[self.after].finish(x_LD, attended_LJ, vector, text.norm_after(self.after))
        stores = {layer: StepStore(*ring, surroundings.slot) for layer, ring in zip(self.owners, own, strict=True)}
        forward = ForwardPass(surroundings.rotations, {AttentionType.SLIDING: surroundings.mask}, stores)
        forward.keys_values.update(zip(self.borrowed, borrowed, strict=True))
        stream = text.run_layers(stream, vectors, forward, self.layers)
        written = [stores[layer].arrays for layer in self.owners]
        if self.before is None:
            return stream.normed_LD, (), written
        rotation = surroundings.rotations[AttentionType.GLOBAL]
        projected = text.layers[self.before].project(stream, rotation)
        return stream.x_LD, tuple(p for p in projected if p is not None), written


class SegmentedStep:
    """The step of one model, in runs; traced once, as neither shapes nor cost depend on the capacity of the caches."""

    def __init__(self, model: Gemma4, choose: Chooser) -> None:
        text, plan = model.text, model.text.plan
        self.model, self.plan = model, plan
        self.index_of = {layer: 2 * index for index, layer in enumerate(plan.owners)}
        global_layers = [n for n, kind in enumerate(text.config.layer_types) if kind is AttentionType.GLOBAL]
        self.runs = [_Run(text, *ends) for ends in zip([None, *global_layers], [*global_layers, None], strict=True)]

        def opening(token: mx.array, fetched: Sequence[mx.array], offset: mx.array) -> Any:
            return *embed_token(model, token, fetched), Surroundings.at(text, offset), offset + 1

        def closing(normed_LD: mx.array, draw: Sequence[mx.array]) -> Any:
            return choose(text.logits(normed_LD).squeeze(0), Draw(*draw))

        self.opening: Callable[..., Any] = mx.compile(opening)
        self.closing: Callable[..., Any] = mx.compile(closing)

    def __call__(self, token: mx.array, offset: mx.array, draw: Draw, arrays: Sequence[Rows], rows: int) -> Step:
        """Build one step (`DecodeStep`)."""
        arrays = list(arrays)
        x_LD, vectors, around, next_offset = self.opening(token, self.model.fetch_rows(token), offset)
        attended_LJ = None
        for run in self.runs:
            own, borrowed = self._rings(arrays, run.owners), self._rings(arrays, run.borrowed)
            x_LD, projected, written = run.call(x_LD, attended_LJ, vectors, around, own, borrowed)
            for layer, ring in zip(run.owners, written, strict=True):
                arrays[self.index_of[layer] : self.index_of[layer] + 2] = ring
            if run.before is not None:
                attended_LJ = self._attend(run.before, projected, offset, arrays, rows)
        chosen, next_draw = self.closing(x_LD, draw)
        return Step(chosen, next_offset, Draw(*next_draw), arrays)

    def _attend(
        self, layer: int, projected: Sequence[mx.array], offset: mx.array, arrays: list[Rows], rows: int
    ) -> mx.array:
        """Write an owner's row into `arrays`, and attend over the rows written so far."""
        index = self.index_of[self.plan.sources[layer]]
        for place, row_KLH in enumerate(projected[1:], start=index):
            arrays[place] = write_row(arrays[place], row_KLH, offset)
        keys, values = (cut(rows_of(each), rows + 1) for each in arrays[index : index + 2])
        return attend(projected[0], keys, values, mask=None)

    def _rings(self, arrays: Sequence[Rows], layers: Sequence[int]) -> list[tuple[Rows, Rows]]:
        return [(arrays[self.index_of[layer]], arrays[self.index_of[layer] + 1]) for layer in layers]
