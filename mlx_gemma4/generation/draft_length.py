"""How many tokens to guess ahead: what pays best by what was accepted and how long it took."""

from __future__ import annotations

LONGEST_GUESS = 5
_WEIGHT = 0.15  # of the newest round in the averages
_FIRST = 2
_EXTRA = 0.12  # what one more token of a block costs, in plain steps, until it has been measured
_PLAIN_TOKENS = 64  # how long drafting stays off before it is tried again; doubled each time it does not pay
_MOST_PLAIN_TOKENS = 1024


class DraftLength:
    """Learns from rounds; the expected tokens of a round are those of guesses that are right independently.

    Attributes:
        most: longest guess.
        acceptance: how often a guess is right, if those before it were.
    """

    def __init__(self, most: int = LONGEST_GUESS) -> None:
        self.most = most
        self.acceptance = 0.7
        self._seconds: dict[int, float] = {}
        self._plain: float | None = None
        self._patience = _PLAIN_TOKENS

    def took(self, guessed: int, accepted: int, seconds: float) -> None:
        """A round of so many guesses, of which the first `accepted` were right, took so long."""
        for right in [1.0] * accepted + [0.0] * (accepted < guessed):
            self.acceptance += _WEIGHT * (right - self.acceptance)
        known = self._seconds.get(guessed)
        self._seconds[guessed] = seconds if known is None else known + _WEIGHT * (seconds - known)

    def plain_took(self, tokens: int, seconds: float) -> None:
        """So many tokens without guesses took so long."""
        each = seconds / tokens
        self._plain = each if self._plain is None else self._plain + _WEIGHT * (each - self._plain)

    def next(self) -> int:
        """How many tokens to guess now; 0 where it would not pay."""
        if self._plain is None:
            return 0 if self._seconds else _FIRST
        rates = {count: self._expected(count) / self._seconds_of(count) for count in range(1, self.most + 1)}
        best = max(rates, key=lambda count: rates[count])
        if rates[best] > 1 / self._plain:
            self._patience = _PLAIN_TOKENS
            return best
        return 0

    def pause(self) -> int:
        """For how many tokens to go without; afterwards what is known counts for less, so that it is tried again."""
        if self._plain is None:
            return 8
        tokens, self._patience = self._patience, min(2 * self._patience, _MOST_PLAIN_TOKENS)
        self.acceptance = max(self.acceptance, 0.7)
        self._seconds.clear()
        return tokens

    def _expected(self, count: int) -> float:
        """Tokens of a round: those guessed right from the first on, and the one that the model itself adds."""
        return sum(self.acceptance**right for right in range(count + 1))

    def _seconds_of(self, count: int) -> float:
        if count in self._seconds:
            return self._seconds[count]
        assert self._plain is not None
        if not self._seconds:
            return self._plain * (1 + _EXTRA * count)
        nearest = min(self._seconds, key=lambda known: abs(known - count))
        return max(self._seconds[nearest] + (count - nearest) * _EXTRA * self._plain, self._plain)
