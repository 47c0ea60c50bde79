"""How well words were heard: the edits between what was said and what was written, word by word."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tour_model.speech.phrases import words_of

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()


@dataclass
class WordErrors:
    """Sums over many recordings."""

    edits: int = 0
    words: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, said: str, heard: str) -> None:
        """One recording."""
        wanted, given = plain(said), plain(heard)
        wrong = edit_distance(wanted, given)
        self.edits += wrong
        self.words += len(wanted)
        if wrong:
            self.failures.append(f"{said} | {heard.strip()}")

    @property
    def rate(self) -> float:
        """Edits by word that was said; more than 1 where more was made up than said."""
        return self.edits / max(1, self.words)


def plain(text: str) -> list[str]:
    """The words of a text without marks and capitals, small numbers as digits."""
    return [str(NUMBERS.index(word)) if word in NUMBERS else word for word in words_of(text)]


def edit_distance(wanted: Sequence[str], given: Sequence[str]) -> int:
    """The fewest words to put in, leave out or change that make one list the other (Levenshtein 1966)."""
    row = list(range(len(given) + 1))
    for number, word in enumerate(wanted, start=1):
        before, row[0] = row[0], number
        for place, other in enumerate(given, start=1):
            kept = before + (word != other)
            before, row[place] = row[place], min(kept, row[place] + 1, row[place - 1] + 1)
    return row[-1]
