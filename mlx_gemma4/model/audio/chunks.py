"""Queries in chunks, each with the keys around it: the shapes, views and masks of chunked attention.

Shapes: S rows, U chunks, W rows of a chunk, K keys around a chunk, N heads, H head dim, D hidden, J sequences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import mlx.core as mx
import numpy as np

from mlx_gemma4.model.audio.config import AudioConfig

_LONGEST_WAVE = 10_000.0


@dataclass(frozen=True)
class Chunks:
    """How a sequence is cut.

    Attributes:
        size: W.
        before: keys before a chunk that its queries may see.
        after: keys after it.
        span: how many keys a query sees up to its own, itself included.
    """

    size: int
    before: int
    after: int
    span: int

    @classmethod
    def of(cls, config: AudioConfig) -> Chunks:
        """The chunks of a tower."""
        before = config.context_left - 1
        return cls(config.chunk, before, config.context_right, before + config.sees_context_left)

    @property
    def context(self) -> int:
        """K."""
        return self.before + self.size + self.after

    def count(self, rows: int) -> int:
        """U: chunks that hold this many rows."""
        return -(-rows // self.size)

    def mask(self, rows: int) -> np.ndarray:
        """Which keys each query sees, bool [U, W, K]; none outside of the first `rows`."""
        query = np.arange(self.size)[:, None]
        key = np.arange(self.context)[None, :] - self.before  # both counted from the start of the chunk
        near = np.where(key <= query, query - key < self.span, key - query < self.after)
        at = np.arange(self.count(rows))[:, None, None] * self.size + key
        return near & (at >= 0) & (at < rows)

    def windows(self, x_JSNH: mx.array) -> list[mx.array]:
        """The rows around every chunk, J times [N, U, K, H], as views of the padded rows; S is a multiple of W."""
        count, rows, heads, head_dim = x_JSNH.shape
        padded = mx.pad(x_JSNH, [(0, 0), (self.before, self.after), (0, 0), (0, 0)])
        row = heads * head_dim
        shape = (count, heads, rows // self.size, self.context, head_dim)
        strides = ((self.before + rows + self.after) * row, head_dim, self.size * row, row, 1)
        return [windows.squeeze(0) for windows in mx.split(mx.as_strided(padded, shape, strides), count)]

    def aligned(self, by_distance_NSP: mx.array) -> mx.array:
        """Products of queries with relative positions, [N, S, K + 1], turned to stand at their keys: [N, U, W, K].

        Column p of a row belongs to the key p places after the first one that the first query of a chunk may see; of
        the next query's row to one key further on. Reading rows of K + 1 as rows of K makes that shift (Transformer-XL,
        arXiv 1901.02860, appendix B). What lands before a query's first position is hidden by `mask`.
        """
        heads, rows, columns = by_distance_NSP.shape
        assert columns == self.context + 1
        shape = (heads, rows // self.size, self.size, self.context)
        strides = (rows * columns, self.size * columns, self.context, 1)
        return mx.as_strided(by_distance_NSP, shape, strides)


def relative_positions(chunks: Chunks, width: int) -> np.ndarray:
    """Sinusoids of the distances between query and key, farthest first, float32 [K + 1, width]: sines, then cosines.

    Zeros stand where there is no such distance.
    (transformers: Gemma4AudioRelPositionalEncoding.)
    """
    distances = np.arange(chunks.context // 2, -1, -1, dtype=np.float32)[:, None]
    waves = width // 2
    step = math.log(_LONGEST_WAVE) / max(waves - 1, 1)
    angles = distances * np.exp(np.arange(waves, dtype=np.float32) * np.float32(-step))
    table = np.zeros((chunks.context + 1, width), np.float32)
    table[: len(angles)] = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    return table
