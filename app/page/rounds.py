"""When rounds of correction go on, when they end, and which page is kept."""

from __future__ import annotations

from app.words import tr


class Rounds:
    """The rules of a run of rounds, told its figures one by one.

    Attributes:
        number: of the round that is under way, counted from 1; 0 before the first.
        kept: the round that gave the best page so far; 0 for the page that the run began with.
        remark: how the run ended, in a sentence; empty while it goes on.
    """

    def __init__(self, wanted: int, start: float | None) -> None:
        """At most `wanted` rounds on a page whose fidelity is `start`; None where it could not be measured."""
        self._wanted = wanted
        self._start = self._best = start
        self.number = 0
        self.kept = 0
        self.remark = ""

    def begin(self) -> int:
        """Another round begins; returns its number."""
        self.number += 1
        return self.number

    def judge(self, fidelity: float | None) -> bool:
        """Take the figure of the round under way; returns whether another is worth asking for."""
        if fidelity is None or self._best is None:
            self.kept = self.number if self._best is None else self.kept
            self.remark = tr("Round {number} could not be measured, so no other follows it.", number=self.number)
        elif fidelity <= self._best:
            kept = tr("the page before it") if self.kept == self.number - 1 else tr("the best page")
            figures = tr("{now} after {before}", now=percent(fidelity), before=percent(self._best))
            self.remark = tr(
                "Round {number} came no nearer to the screenshot ({figures}): {kept} is kept.",
                number=self.number,
                figures=figures,
                kept=kept,
            )
        else:
            self._best, self.kept = fidelity, self.number
            if self.number >= self._wanted:
                self.remark = self._risen()
        return not self.remark

    def break_off(self, why: str) -> None:
        """The round under way gives no page that counts; `why` is a sentence."""
        self.remark = tr("{why} The best page so far is shown.", why=why)

    def _risen(self) -> str:
        rounds = tr("One round") if self.number == 1 else f"{self.number} rounds"
        return f"{rounds}: from {percent(self._start or 0)} to {percent(self._best or 0)}."


def percent(fidelity: float) -> str:
    """A figure of 0 to 1 for people."""
    return f"{100 * fidelity:.1f} %"
