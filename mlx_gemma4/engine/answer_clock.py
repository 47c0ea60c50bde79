"""What an answer takes in tokens and seconds, whoever computes it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from mlx_gemma4.protocol.events import Event, ThoughtDelta, UsageReport


class AnswerClock:
    """Counts one request; starts when it is made.

    Attributes:
        prompt_tokens: to be set once the prompt is known.
        reused_tokens: of them, what need not be read again; to be set as well.
        guessed_tokens: that a drafter guessed; to be set, if there is one.
        right_guesses: of them, those that came; likewise.
    """

    def __init__(self) -> None:
        self.prompt_tokens = self.reused_tokens = 0
        self.guessed_tokens = self.right_guesses = 0
        self._tokens = 0
        self._thought: tuple[float, float] | None = None  # from when to when
        self._thinks = False
        self._started = time.perf_counter()
        self._first = self._last = self._started

    def count_token(self) -> None:
        """A token has just come out."""
        self._tokens += 1
        self._last = time.perf_counter()
        if self._tokens == 1:
            self._first = self._last

    def heard(self, event: Event) -> None:
        """The answer says this; a thought lasts until the first thing that is none."""
        now = time.perf_counter()
        if isinstance(event, ThoughtDelta):
            self._thought, self._thinks = (self._thought[0] if self._thought else now, now), True
        elif self._thinks and self._thought:
            self._thought, self._thinks = (self._thought[0], now), False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While another request is answered: its time does not count."""
        left = time.perf_counter()
        yield
        away = time.perf_counter() - left
        self._started += away
        self._first += away
        self._last += away
        if self._thought:
            self._thought = (self._thought[0] + away, self._thought[1] + away)

    def correct(self, tokens: int) -> None:
        """So many tokens came out, says who knows better than to count pieces."""
        if self._tokens:
            self._tokens = tokens

    def report(self) -> UsageReport:
        """The figures up to now; rates are 0 while there is nothing to divide."""
        decoding = self._last - self._first
        return UsageReport(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self._tokens,
            tokens_per_second=(self._tokens - 1) / decoding if decoding > 0 else 0.0,
            time_to_first_token=self._first - self._started if self._tokens else 0.0,
            peak_memory_bytes=self.peak_bytes(),
            reused_tokens=self.reused_tokens,
            thinking_seconds=self._thought[1] - self._thought[0] if self._thought else 0.0,
            guessed_tokens=self.guessed_tokens,
            right_guesses=self.right_guesses,
        )

    def peak_bytes(self) -> int:
        """The most memory that was taken here."""
        return 0
