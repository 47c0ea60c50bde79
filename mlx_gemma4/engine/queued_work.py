"""How much work MLX has in flight: what layers put out, and how many of them are queued behind one that runs.

MLX allocates the result of an operation when the operation is queued, and frees what it has read once it has run. So
work takes what the queue holds:

- On the CPU ten batches of ten operations, where a layer has about as many.
- On CUDA kernels are joined into graphs of a hundred (Hopper and consumer Blackwell; an A100's have twenty), and the
  host waits when an eleventh is sent off: `get_graph_limits` in mlx/backend/cuda/device.cpp, `MAX_ACTIVE_TASKS` in
  mlx/transforms.cpp. Where the host is slower than the GPU the queue never fills, and less is in flight than this says.
- On Metal ten command buffers that are sent off at 40 to 50 MB each, and the one being filled.

Results that are written in place of what was read are not counted again. CUDA's allocator rounds up to pages of 16 KiB,
and to powers of two below that; the CPU's adds eight bytes; neither shows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mlx_gemma4.kernels.backend import Backend
from mlx_gemma4.model.config import AttentionShape, TextConfig
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.packed_attention import KEYS_OF_A_BLOCK


class LayerWork(NamedTuple):
    """What one layer does.

    Attributes:
        nbytes: of what its operations put out.
        kernels: how many they are on a GPU.
        staying: bytes of what is still there when the last layer has run.
    """

    nbytes: float
    kernels: int = 0
    staying: float = 0


@dataclass(frozen=True)
class Queue:
    """How much can be in flight; the layer that runs always is.

    Attributes:
        layers: at most.
        kernels: at most, of layers and a part of one.
        nbytes: at most, beside the layer that runs.
    """

    layers: float = math.inf
    kernels: float = math.inf
    nbytes: float = math.inf

    def most(self, layers: Sequence[LayerWork]) -> float:
        """The most bytes that any run of consecutive layers has in flight, and what stays of those before."""
        staying = [0.0, *itertools.accumulate(layer.staying for layer in layers)]
        return max((staying[start] + self._from(layers[start:]) for start in range(len(layers))), default=0.0)

    def _from(self, layers: Sequence[LayerWork]) -> float:
        total, kernels, staying = layers[0]
        for number, layer in enumerate(layers[1:], start=1):
            if number >= self.layers or kernels >= self.kernels:
                break
            part = min(1.0, (self.kernels - kernels) / layer.kernels) if layer.kernels else 1.0
            total += part * layer.nbytes
            kernels += layer.kernels
            staying += layer.staying
        return min(total, layers[0].nbytes + self.nbytes) + staying


QUEUES: Mapping[Backend, Queue] = {
    "cpu": Queue(layers=1),
    "cuda": Queue(kernels=1_100),
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
_ON_GPU = Results(hidden=4, per_layer_input=1, heads=4, queries=3, feed_forward=3, expert_hidden=3, expert=6)
"""Counted, as they come: two norms that something else is read beside, and two products; the product of a per-layer
embedding; heads projected, laid out and normed, swapped, turned; queries scaled, attended, joined; gate and up in one,
and their product; an expert's rows gathered, multiplied and put back in order, its gate and up, their product, and
that weighed in float32 and rounded. What comes after each, such as a sum or another norm, is written in its place."""

_SCORES_BY_BITS = {8: 3, 4: 2}
"""How often the scores of a block of packed keys are there on the CPU: of the fifty operations in flight 60 unpack a
block of 8 bits, and 100 one of 4, so that more of the block before has gone."""
_QUERIES_OF_A_BLOCK, _ROWS_OF_A_BLOCK = 4, 5
"""Beside them: results as wide as all queries, and blocks of keys or values. Measured by the peaks of 20 shapes."""


# Kernels of a layer on CUDA:
_LAYER_KERNELS = 39  # of them 14 put keys and values into their store
_PER_LAYER_INPUT_KERNELS = 5
_EXPERTS_KERNELS = 33


def text_layer(
    text: TextConfig, layer: int, rows: int, earlier: int, itemsize: int, backend: Backend, *, bits: int | None = None
) -> LayerWork:
    """The work of one decoder layer on a chunk of `rows` tokens behind `earlier` ones, in `bits` in global layers.

    The norm weights of all its heads are joined for every chunk, a kernel for each. What a sliding layer attends over
    stays until new rings are made of it, which comes last.
    """
    results = _ON_CPU if backend == "cpu" else _ON_GPU
    shape = text.shape(layer)
    slides = text.layer_types[layer] is AttentionType.SLIDING
    keys = rows + (min(earlier, text.window - 1) if slides else earlier)
    bits = None if slides else bits
    heads = text.query_heads + (1 if shape.values_are_keys else 2) * shape.kv_heads
    wide = results.hidden * text.hidden_size + results.feed_forward * text.feed_forward_width(layer)
    wide += (results.heads * heads + results.queries * text.query_heads) * shape.head_dim
    kernels = _LAYER_KERNELS + heads
    if text.per_layer_embeddings is not None:
        wide += results.per_layer_input * text.hidden_size
        kernels += _PER_LAYER_INPUT_KERNELS
    if text.experts is not None:
        each = results.expert * text.experts.width + results.expert_hidden * text.hidden_size
        wide += text.experts.experts_per_token * each
        kernels += _EXPERTS_KERNELS
    keys_at_once = min(keys, KEYS_OF_A_BLOCK) if bits else keys
    numbers = rows * (wide + text.query_heads * keys_at_once)
    if bits and backend == "cpu":
        numbers = max(rows * wide, _by_blocks(text.query_heads, shape, rows, keys_at_once, bits))
    staying = 2 * shape.kv_heads * shape.head_dim * itemsize * keys if slides else 0
    return LayerWork(numbers * itemsize, kernels, staying)


def _by_blocks(query_heads: int, shape: AttentionShape, rows: int, block: int, bits: int) -> int:
    """Numbers that attention over blocks of packed keys has in flight on the CPU, where nothing else is then."""
    each = _SCORES_BY_BITS[bits] * block + _QUERIES_OF_A_BLOCK * shape.head_dim
    return rows * query_heads * each + _ROWS_OF_A_BLOCK * block * shape.kv_heads * shape.head_dim
