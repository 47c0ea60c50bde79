"""Where an answer ends because it says certain words, however they are cut into pieces."""

from __future__ import annotations

from collections.abc import Sequence


class StopStrings:
    """Lets text through up to the first stop string; what could be the beginning of one waits for the next piece.

    Attributes:
        found: a stop string has come; nothing is let through any more.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        """Look for these strings, none of them empty."""
        self.found = False
        self._stops = stops
        self._held: str = ""

    def feed(self, text: str) -> str:
        """The text that can go out now.

        Of several stop strings the one counts that is complete first, and of those complete together the longest: so it
        does not matter how the text is cut.
        """
        if self.found:
            return ""
        text = self._held + text
        ends = [(text.find(stop) + len(stop), -len(stop)) for stop in self._stops if stop in text]
        if ends:
            end, minus_length = min(ends)
            self.found, self._held = True, ""
            return text[: end + minus_length]
        free = len(text) - max((begun(text, stop) for stop in self._stops), default=0)
        self._held = text[free:]
        return text[:free]

    def flush(self) -> str:
        """What was held back: no stop string has come of it."""
        held, self._held = self._held, ""
        return held


def begun(text: str, stop: str) -> int:
    """How many characters at the end of `text` begin `stop` without completing it."""
    longest = min(len(stop) - 1, len(text))
    return next((count for count in range(longest, 0, -1) if text.endswith(stop[:count])), 0)
