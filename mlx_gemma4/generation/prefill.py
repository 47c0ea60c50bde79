"""Run a prompt through the model in chunks, filling the caches and nothing else.

Shapes: L tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import mlx.core as mx
import numpy as np

from mlx_gemma4.cache.layer_caches import LayerCaches
from mlx_gemma4.generation.pace import ChunkPace, fitting
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.model.soft_token_merge import SoftTokens, blocks_that_see_themselves
from mlx_gemma4.model.text.forward_pass import ForwardPass
from mlx_gemma4.model.text.masks import prefill_masks


def chunk_bounds(
    tokens: int,
    pace: ChunkPace,
    blocks: Sequence[range],
    ends: Sequence[int] = (),
    *,
    earlier: int = 0,
    query_heads: int = 1,
) -> Iterator[tuple[int, int]]:
    """Cut [0, tokens) into chunks of at most what the pace says at that moment, never inside a block.

    A chunk ends before a block it would cut; a block longer than a chunk is one by itself. One also ends at each of
    `ends`, which lie in no block. The more rows are before a chunk, `earlier` ones before the first, the smaller it is
    (`pace.fitting`).
    """
    start = 0
    while start < tokens:
        most = fitting(pace.tokens, earlier + start, query_heads)
        stop = min(start + most, tokens, *[end for end in ends if end > start])
        for block in blocks:
            if block.start < stop < block.stop:
                stop = block.start if block.start > start else block.stop
        yield start, stop
        start = stop


def fill(model: Gemma4, caches: LayerCaches, token_ids: np.ndarray, soft: Sequence[SoftTokens]) -> None:
    """Add one chunk's rows to the caches: `token_ids` int32 [L] and its soft tokens, placed from its start."""
    x_LD, rows = model.embed(token_ids, soft)
    plan, start = model.text.plan, caches.length
    vectors = model.text.per_layer_vectors(rows, x_LD, layers=plan.last_owner)
    caches.reserve(start + len(token_ids))
    blocks = blocks_that_see_themselves(soft)
    forward = ForwardPass(
        rotations=model.text.rotations(mx.arange(start, start + len(token_ids))),
        masks=prefill_masks(len(token_ids), caches.earlier_in_window, model.config.text.window, blocks),
        stores=caches.stores,
    )
    model.text.fill_caches(x_LD, vectors, forward)
    del forward
    mx.eval(caches.arrays())
