"""What a decode step is: one token in, the next one out. Its two forms are `whole_step` and `segmented_step`.

Shapes: K kv heads, S slots of a cache, L tokens (1), H head dim, P width of a per-layer embedding, D hidden,
V vocabulary, W window.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import mlx.core as mx
import numpy as np

from mlx_gemma4.generation.sampling import Draw
from mlx_gemma4.kernels.packed_rows import Rows, each, like, rows_of
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.layers.rope import Rotation
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.decoder import TextDecoder, Vectors


class Step(NamedTuple):
    """What a step leaves behind: the chosen id (or logits [V]), the next offset and draw, and the caches' arrays."""

    chosen: mx.array
    offset: mx.array
    draw: Draw
    arrays: list[Rows]


class DecodeStep(Protocol):
    """Feed one token and choose the one after it."""

    def __call__(self, token: mx.array, offset: mx.array, draw: Draw, arrays: Sequence[Rows], rows: int) -> Step:
        """Build the graph of one step; nothing is computed yet.

        Args:
            token: the id to feed, an integer scalar.
            offset: its position, an int32 scalar.
            draw: sampling settings and key.
            arrays: keys and values of every owner, as `LayerCaches.arrays` gives them.
            rows: the value of `offset`, which the host knows.
        """
        ...


class Surroundings(NamedTuple):
    """What every layer of a step uses, made once per step.

    Attributes:
        sliding: rotation of sliding layers.
        full: rotation of global layers.
        slot: where sliding layers write.
        mask: hides the slots of a ring without a row once this step has written, [W].
    """

    sliding: Rotation
    full: Rotation
    slot: mx.array
    mask: mx.array

    @classmethod
    def at(cls, text: TextDecoder, offset: mx.array) -> Surroundings:
        """The surroundings of position `offset`."""
        rotations = text.rotations(offset)
        sliding, full = rotations[AttentionType.SLIDING], rotations[AttentionType.GLOBAL]
        return cls(sliding, full, offset % text.config.window, written_mask(text.config.window, offset, text.dtype))

    @property
    def rotations(self) -> dict[AttentionType, Rotation]:
        """Rotations by attention type."""
        return {AttentionType.SLIDING: Rotation(*self.sliding), AttentionType.GLOBAL: Rotation(*self.full)}


class StepStore:
    """The keys and values of one owner during a step: its whole buffer, with one row written at an array's slot."""

    def __init__(self, keys_KSH: Rows, values_KSH: Rows, slot: mx.array) -> None:
        self.arrays = [rows_of(keys_KSH), rows_of(values_KSH)]
        self.slot = slot

    def extend(self, k_KLH: mx.array, v_KLH: mx.array) -> tuple[Rows, Rows]:
        """Write the row; return the whole buffers, unwritten slots included (a mask hides them)."""
        keys, values = self.arrays
        self.arrays = [write_row(keys, k_KLH, self.slot), write_row(values, v_KLH, self.slot)]
        return self.arrays[0], self.arrays[1]


def write_row(buffer_KSH: Rows, row_KLH: mx.array, slot: mx.array) -> Rows:
    """The buffer with one row written, in place where nothing else holds the buffer."""
    return each(lambda array, new: mx.slice_update(array, new, slot, axes=(1,)), buffer_KSH, like(buffer_KSH, row_KLH))


def written_mask(slots: int, offset: mx.array, dtype: mx.Dtype) -> mx.array:
    """Hides the slots of a cache that hold no row once position `offset` is written: 0 or −inf to add, [slots].

    Right for growing caches (slot = position) and for rings (slot = position mod slots) alike, since a ring is full
    from `offset` = slots − 1 on.
    """
    written = mx.array(np.arange(slots, dtype=np.int32)) <= offset
    return mx.where(written, 0.0, -float("inf")).astype(dtype)


def embed_token(model: Gemma4, token: mx.array, fetched: Sequence[mx.array]) -> tuple[mx.array, Vectors]:
    """A step's input [L, D] and its per-layer embeddings, projected for all layers at once; a scalar is one token.

    A placeholder that the model wrote itself has the embeddings of the pad id (see `Gemma4.embed`). `fetched` is what
    `Gemma4.fetch_rows` gives for the token.
    """
    placeholder = mx.array(False)
    for media_id in model.config.media_token_ids:
        placeholder = placeholder | (token == media_id)
    ids_L = mx.where(placeholder, model.config.text.pad_token_id, token).reshape(-1)
    x_LD = model.text.embed(ids_L)
    return x_LD, model.text.per_layer_vectors(fetched or ids_L, x_LD, model.config.text.layers)
