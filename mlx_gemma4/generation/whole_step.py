"""The decode step as one compiled function; global layers attend over their whole capacity under a mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mlx.core as mx

from mlx_gemma4.generation.decode_step import (
    DecodeStep,
    Step,
    StepStore,
    Surroundings,
    embed_token,
    written_mask,
)
from mlx_gemma4.generation.sampling import Chooser, Draw
from mlx_gemma4.kernels.packed_rows import Rows, rows_of, slots_of
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.forward_pass import ForwardPass
from mlx_gemma4.model.text.masks import Written


def whole_step(model: Gemma4, choose: Chooser) -> DecodeStep:
    """The step of this model; weights become constants of the compiled function, which is traced once per capacity."""
    text = model.text
    owners = text.plan.owners
    first_global = text.plan.owners_of(AttentionType.GLOBAL)[0]

    def traced(
        token: mx.array,
        fetched: Sequence[mx.array],
        offset: mx.array,
        draw: Sequence[mx.array],
        arrays: Sequence[Rows],
    ) -> Any:
        around = Surroundings.at(text, offset)
        capacity = slots_of(rows_of(arrays[2 * owners.index(first_global)]))
        slots = {AttentionType.SLIDING: around.slot, AttentionType.GLOBAL: offset}
        stores = {
            layer: StepStore(arrays[2 * index], arrays[2 * index + 1], slots[text.config.layer_types[layer]])
            for index, layer in enumerate(owners)
        }
        masks = {
            AttentionType.SLIDING: Written(offset, text.config.window, around.mask),
            AttentionType.GLOBAL: Written(offset, 0, written_mask(capacity, offset, text.dtype)),
        }
        x_LD, vectors = embed_token(model, token, fetched)
        forward = ForwardPass(around.rotations, masks, stores)
        stream = text.run_layers(text.begin(x_LD), vectors, forward, range(text.config.layers))
        chosen, next_draw = choose(text.logits(stream.normed_LD).squeeze(0), Draw(*draw))
        return chosen, offset + 1, tuple(next_draw), [array for layer in owners for array in stores[layer].arrays]

    compiled = mx.compile(traced)

    def step(token: mx.array, offset: mx.array, draw: Draw, arrays: Sequence[Rows], rows: int) -> Step:
        chosen, next_offset, next_draw, written = compiled(token, model.fetch_rows(token), offset, draw, arrays)
        return Step(chosen, next_offset, Draw(*next_draw), written)

    return step
