"""How many tokens a prefill chunk takes, so that nobody waits long for its end and its scores fit into memory."""

from __future__ import annotations

from collections.abc import Mapping

from mlx_gemma4.kernels.backend import Backend, backend

LARGEST_CHUNKS: Mapping[Backend, int] = {"cpu": 512, "cuda": 2_048, "metal": 512}
"""On CUDA a chunk of 512 keeps the host busier than the GPU (docs/LOG.md)."""
LEAST_TOKENS = 32
MOST_SCORES = 1 << 27
"""Of a chunk's queries with all keys in one global layer: 256 MiB in 16 bits. E2B has 512 tokens a chunk up to 32k."""
_ROOM_TO_GROW = 4  # a larger chunk also takes longer by the token, so twice the tokens must fit easily


def largest_chunk() -> int:
    """Most tokens of a chunk on the backend that computes."""
    return LARGEST_CHUNKS[backend()]


def fitting(tokens: int, earlier: int, query_heads: int) -> int:
    """Of `tokens` as many as make at most `MOST_SCORES` behind `earlier` rows: all, or a power of two, at least 32."""
    while tokens > LEAST_TOKENS and query_heads * tokens * (earlier + tokens) > MOST_SCORES:
        tokens = max(LEAST_TOKENS, 1 << (tokens - 1).bit_length() - 1)
    return tokens


def largest_chunks(most: int, tokens: int, query_heads: int) -> list[tuple[int, int]]:
    """The sizes that chunks of a prompt can have by `fitting`, each with the most rows that can be before one.

    Args:
        most: of a chunk.
        tokens: of the prompt.
        query_heads: of the model.
    """
    chunks, size = [], min(most, tokens)
    while size:
        fits = MOST_SCORES // (query_heads * size) - size if size > LEAST_TOKENS else tokens
        if fits >= 0:
            chunks.append((size, min(fits, tokens - size)))
        size = max(LEAST_TOKENS, 1 << (size - 1).bit_length() - 1) if size > LEAST_TOKENS else 0
    return chunks


class ChunkPace:
    """A chunk size; with `seconds`, one that follows the speed at which chunks are read.

    Sizes are powers of two, so that a speed which wavers gives the same chunks, and with them the same roundings. They
    shrink at once and grow by doubling.

    Attributes:
        tokens: of the next chunk, at most.
    """

    def __init__(self, most: int, seconds: float | None = None) -> None:
        """Start with the most.

        Args:
            most: tokens of the largest chunk.
            seconds: the longest that a chunk should take; None keeps the size as it is.
        """
        self.tokens = most
        self._most = most
        self._seconds = seconds

    def took(self, tokens: int, seconds: float) -> None:
        """Learn from a chunk of that many tokens, which took that long."""
        if self._seconds is None or tokens < min(LEAST_TOKENS, self.tokens):
            return  # a few tokens cost as much as many, so they say nothing
        fitting = int(tokens * self._seconds / max(seconds, 1e-6))
        if fitting >= _ROOM_TO_GROW * self.tokens:
            self.tokens = min(self._most, 2 * self.tokens)
        elif fitting < self.tokens:
            self.tokens = max(LEAST_TOKENS, 1 << max(fitting.bit_length() - 1, 0))
