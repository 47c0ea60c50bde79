"""How much work MLX has in flight: what layers put out, and how many of them are queued behind one that runs.

MLX allocates the result of an operation when the operation is queued, and frees what it has read once it has run. So
work takes what the queue holds:

- On the CPU ten batches of ten operations, where a layer has about as many.
- On CUDA two groups of layers (`kernels.in_flight`): MLX's own queue holds eleven hundred kernels, a hundred in each of
  eleven graphs (`get_graph_limits` in mlx/backend/cuda/device.cpp, `MAX_ACTIVE_TASKS` in mlx/transforms.cpp).
- On Metal ten command buffers that are sent off at 40 to 50 MB each, and the one being filled.

Results that are written in place of what was read are not counted again. CUDA's allocator rounds up to pages of 16 KiB,
and to powers of two below that; the CPU's adds eight bytes; neither shows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from mlx_gemma4.kernels.backend import Backend
from mlx_gemma4.kernels.in_flight import LAYERS_OF_A_GROUP
from mlx_gemma4.model.config import AttentionShape, TextConfig
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.packed_attention import KEYS_OF_A_BLOCK


class LayerWork(NamedTuple):
    """What one layer does.

    Attributes:
        nbytes: of what its operations put out.
        staying: bytes of what is still there when the last layer has run.
    """

    nbytes: float
    staying: float = 0


@dataclass(frozen=True)
class Queue:
    """How much can be in flight; the layer that runs always is.

    Attributes:
        layers: at most.
        nbytes: at most, beside the layer that runs.
    """

    layers: float = math.inf
    nbytes: float = math.inf

    def most(self, layers: Sequence[LayerWork]) -> float:
        """The most bytes that any run of consecutive layers has in flight, and what stays of those before."""
        staying = [0.0, *itertools.accumulate(layer.staying for layer in layers)]
        return max((staying[start] + self._from(layers[start:]) for start in range(len(layers))), default=0.0)

    def _from(self, layers: Sequence[LayerWork]) -> float:
        flying = [layer for number, layer in enumerate(layers) if number < self.layers]
        total, staying = (sum(numbers) for numbers in zip(*flying, strict=True))
        return min(total, layers[0].nbytes + self.nbytes) + staying


QUEUES: Mapping[Backend, Queue] = {
    "cpu": Queue(layers=1),
    "cuda": Queue(layers=2 * LAYERS_OF_A_GROUP["cuda"]),
    "metal": Queue(layers=8, nbytes=500_000_000),
}
"""Measured on the CPU and on an H200; on Metal estimated and not measured."""


@dataclass(frozen=True)
class Results:
    """How many rows a layer's operations put out, by what they are as wide as.

    Attributes:
        hidden: the residual stream.
        per_layer_input: the residual stream again, where there are per-layer embeddings.
        heads: queries, keys and values.
        queries: queries alone.
        feed_forward: the feed-forward layer.
        expert_hidden: the residual stream, for each expert of a token.
        expert: the inside of an expert, for each of a token.
    """

    hidden: float
    per_layer_input: float
    heads: float
    queries: float
    feed_forward: float
    expert_hidden: float
    expert: float


_ON_CPU = Results(12, 0, 6, 0, 2.5, 2, 2.5)
"""Measured by the peaks of 26 random shapes; norms and attention are several operations here."""
_ON_METAL = Results(hidden=4, per_layer_input=1, heads=4, queries=3, feed_forward=3, expert_hidden=3, expert=6)
"""Counted, as they come: two norms that something else is read beside, and two products; the product of a per-layer
embedding; heads projected, laid out and normed, swapped, turned; queries scaled, attended, joined; gate and up in one,
and their product; an expert's rows gathered, multiplied and put back in order, its gate and up, their product, and
that weighed in float32 and rounded. What comes after each, such as a sum or another norm, is written in its place."""
_RESULTS: Mapping[Backend, Results] = {"cpu": _ON_CPU, "cuda": replace(_ON_METAL, heads=2), "metal": _ON_METAL}
"""On CUDA a kernel makes heads of what is projected (`kernels.heads`)."""

_SCORES_BY_BITS = {8: 3, 4: 2}
"""How often the scores of a block of packed keys are there on the CPU: of the fifty operations in flight 60 unpack a
block of 8 bits, and 100 one of 4, so that more of the block before has gone."""
_QUERIES_OF_A_BLOCK, _ROWS_OF_A_BLOCK = 4, 5
"""Beside them: results as wide as all queries, and blocks of keys or values. Measured by the peaks of 20 shapes."""


def text_layer(
    text: TextConfig, layer: int, rows: int, earlier: int, itemsize: int, backend: Backend, *, bits: int | None = None
) -> LayerWork:
    """The work of one decoder layer on a chunk of `rows` tokens behind `earlier` ones, in `bits` in global layers.

    What a sliding layer attends over stays until new rings are made of it, which comes last.
    """
    results = _RESULTS[backend]
    shape = text.shape(layer)
    slides = text.layer_types[layer] is AttentionType.SLIDING
    keys = rows + (min(earlier, text.window - 1) if slides else earlier)
    bits = None if slides else bits
    heads = text.query_heads + (1 if shape.values_are_keys else 2) * shape.kv_heads
    wide = results.hidden * text.hidden_size + results.feed_forward * text.feed_forward_width(layer)
    wide += (results.heads * heads + results.queries * text.query_heads) * shape.head_dim
    if text.per_layer_embeddings is not None:
        wide += results.per_layer_input * text.hidden_size
    if text.experts is not None:
        each = results.expert * text.experts.width + results.expert_hidden * text.hidden_size
        wide += text.experts.experts_per_token * each
    keys_at_once = min(keys, KEYS_OF_A_BLOCK) if bits else keys
    numbers = rows * (wide + text.query_heads * keys_at_once)
    if bits and backend == "cpu":
        numbers = max(rows * wide, _by_blocks(text.query_heads, shape, rows, keys_at_once, bits))
    staying = 2 * shape.kv_heads * shape.head_dim * itemsize * keys if slides else 0
    return LayerWork(numbers * itemsize, staying)


def _by_blocks(query_heads: int, shape: AttentionShape, rows: int, block: int, bits: int) -> int:
    """Numbers that attention over blocks of packed keys has in flight on the CPU, where nothing else is then."""
    each = _SCORES_BY_BITS[bits] * block + _QUERIES_OF_A_BLOCK * shape.head_dim
    return rows * query_heads * each + _ROWS_OF_A_BLOCK * block * shape.kv_heads * shape.head_dim
