"""The words of neighbouring pieces of a recording to one text: joined without repeats, and split into sentences."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

# Scripts that put no spaces between words; there every character counts as a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
_UNSPACED_END, _UNSPACED_START = re.compile(rf"[{_UNSPACED}。、，！？]$"), re.compile(rf"^[{_UNSPACED}]")
_SENTENCE_END = re.compile(r"""[.!?…]+["'”’»)\]]*\s+|[。！？]+["'”’»)\]」』]*\s*""")
_CLAUSE_END = re.compile(r"[,;:–—]\s+|[、，；：]\s*")
_SHORTEST_SENTENCE = 15  # characters; what is shorter ("Dr.", "No.") stays with what follows
_LONGEST_SENTENCE = 100  # characters; what is longer is split at a comma or between words
_FRAGMENT = 3  # letters that make the rest of a word recognisable
_MOST_SKIPPED = 4  # words that may have been heard differently on the edge of an overlap
_ECHO = 4  # words that no speaker repeats by accident right where a piece was cut


@dataclass(frozen=True)
class _Word:
    """A word and its place in its text; `key` is what two hearings of it have in common."""

    start: int
    end: int
    key: str


def join_overlap(before: str, after: str) -> str:
    """Two texts of which the second begins in time before the first ends, without what both say.

    The longest run of equal words near the end of one and the start of the other is where they are joined; case and
    punctuation do not count, and a word that was cut in two matches its whole. Words outside the run that only one of
    them has heard at its own edge are left out. Without such a run nothing is.
    """
    first, second = _words(before), _words(after)
    second = second[: len(first) + _MOST_SKIPPED]
    best: tuple[float, int, int, int] | None = None
    for i in range(len(first)):
        for j in range(len(second)):
            length = _run_length(first, second, i, j)
            skipped = len(first) - (i + length), j
            if _convincing(first[i].key, length, *skipped):
                best = max(best or (0.0, 0, 0, 0), (length - sum(skipped) / 2, length, i, j))
    if best is None:
        return join_texts(before, after)
    _, length, i, j = best
    # one that is alone may be the torn end of `before` or the torn start of `after`: the longer hearing counts
    if length == 1 and len(second[j].key) >= len(first[i].key):
        return join_texts(before[: first[i].start], after[second[j].start :])
    return join_texts(before[: first[i].end], after[second[j].end :])


def join_texts(before: str, after: str) -> str:
    """Two texts after each other, with a space between them where their script has one."""
    before, after = before.rstrip(), after.lstrip()
    if not before or not after or (_UNSPACED_END.search(before) and _UNSPACED_START.search(after)):
        return before + after
    return f"{before} {after}"


def hold_back(text: str, share: float) -> tuple[str, str]:
    """The text in two: its first words up to this share (0 to 1) of all of them, and the rest."""
    words = _words(text)
    count = int(share * len(words))
    place = words[count].start if count < len(words) else len(text)
    return text[:place].rstrip(), text[place:]


def last_words(text: str, count: int) -> str:
    """The end of a text, of this many words at most."""
    words = _words(text)
    return text[words[-count].start :].rstrip() if len(words) > count else text.strip()


def drop_echo(context: str, text: str) -> str:
    """The text without the words that were given as its context, if it begins with all of them."""
    given, said = _words(context), _words(text)
    echoed = len(given) >= _ECHO and [word.key for word in said[: len(given)]] == [word.key for word in given]
    return text[said[len(given) - 1].end :].lstrip() if echoed else text


def split_translation(answer: str, language: str) -> tuple[str, str | None]:
    """What was said and what it means, from an answer in the published form: "…", a newline, "English: …".

    An answer that is not of this form is all transcription, so that nothing is lost.
    """
    mark = re.search(rf"^\W*{re.escape(language)}\W*:\W*?(?=\w|$|\s)", answer, re.IGNORECASE | re.MULTILINE)
    if mark is None:
        return one_line(answer), None
    return one_line(answer[: mark.start()]), one_line(answer[mark.end() :].strip("* \n"))


def one_line(text: str) -> str:
    """The text without line breaks and doubled spaces."""
    return " ".join(text.split())


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, long ones in parts; together they are the text, but for the spaces between them."""
    sentences: list[str] = []
    held = ""
    for part in _split_after(text.strip(), [match.end() for match in _SENTENCE_END.finditer(text.strip())]):
        held += part
        if len(held.strip()) >= _SHORTEST_SENTENCE:
            sentences += _split_long(held.strip())
            held = ""
    return sentences + ([held.strip()] if held.strip() else [])


def _split_long(sentence: str) -> list[str]:
    """Parts of at most `_LONGEST_SENTENCE` characters, as equal as commas and words allow."""
    if len(sentence) <= _LONGEST_SENTENCE:
        return [sentence]
    middle = len(sentence) / 2
    words = [word.start for word in _words(sentence) if word.start]
    places = [match.end() for match in _CLAUSE_END.finditer(sentence) if abs(match.end() - middle) < middle / 2]
    if not places and not words:
        return [sentence]
    place = min(places or words, key=lambda place: abs(place - middle))
    return [*_split_long(sentence[:place].rstrip()), *_split_long(sentence[place:].lstrip())]


def _split_after(text: str, places: list[int]) -> list[str]:
    edges = [0, *places, len(text)]
    return [text[start:end] for start, end in pairwise(edges) if start < end]


def _words(text: str) -> list[_Word]:
    words = (_Word(match.start(), match.end(), _key(match.group())) for match in _WORD.finditer(text))
    return [word for word in words if word.key]


def _key(word: str) -> str:
    """The letters, digits and vowel signs of a word, in small letters."""
    return "".join(letter for letter in word.casefold() if letter.isalnum() or unicodedata.category(letter)[0] == "M")


def _run_length(first: list[_Word], second: list[_Word], i: int, j: int) -> int:
    """How many words are equal from these places on; the last of `first` and the first of `second` may be torn."""
    length = 0
    while i + length < len(first) and j + length < len(second):
        one, other = first[i + length].key, second[j + length].key
        torn_end = i + length == len(first) - 1 and len(one) >= _FRAGMENT and other.startswith(one)
        torn_start = j + length == 0 and len(other) >= _FRAGMENT and one.endswith(other)
        if one != other and not torn_end and not torn_start:
            break
        length += 1
    return length


def _convincing(word: str, length: int, skipped_before: int, skipped_after: int) -> bool:
    """Whether a run of equal words is the overlap and no chance: long enough for what lies between it and the edges."""
    if max(skipped_before, skipped_after) > _MOST_SKIPPED:
        return False
    if length == 1:
        return skipped_before + skipped_after == 0 or (len(word) > _FRAGMENT and skipped_before + skipped_after <= 2)
    return skipped_before + skipped_after <= 2 * length
