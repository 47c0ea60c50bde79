"""How alike the words are that were read on two pictures of a page."""

from __future__ import annotations

from difflib import SequenceMatcher

_MOST_WORDS = 2000


def likeness(words: str | None, others: str | None) -> float | None:
    """0–1: twice the words that both have in the same order, divided by all; None unless both have been read."""
    if words is None or others is None:
        return None
    return SequenceMatcher(None, words.split()[:_MOST_WORDS], others.split()[:_MOST_WORDS], autojunk=False).ratio()
