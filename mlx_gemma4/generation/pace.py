"""How many tokens a prefill chunk takes, so that nobody waits long for its end."""

from __future__ import annotations

LEAST_TOKENS = 32
_ROOM_TO_GROW = 4  # a larger chunk also takes longer by the token, so twice the tokens must fit easily


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
