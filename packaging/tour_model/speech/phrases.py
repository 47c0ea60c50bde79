"""What is said: phrases of a small vocabulary with digits, natural ones and words in any order, and those held out."""

import re
import zlib
from functools import cache

import numpy as np

COLOURS = "red orange yellow green blue purple black white grey pink brown".split()
THINGS = (
    "door window table chair bed cup glass plate key phone book box map card computer camera lamp calendar timer alarm "
    "report email message photo file folder list document recipe picture page recording note car bus train bike"
).split()
PLACES = "kitchen bedroom garden house office school station airport hotel bank market shop street city room".split()
PEOPLE = "man woman boy girl child friend mother father brother sister team teacher student".split()
ANIMALS = "dog cat bird fish horse".split()
MANY = "apples lemons boxes doors windows cups plates books keys cars dogs cats birds horses tables photos".split()
FOOD = "apple lemon bread milk tea coffee water pizza salad food".split()
NATURE = "river lake mountain forest tree flower sea sun moon sky fire".split()
KINDS = "big small large little old new hot cold warm quiet happy sad tired ready empty full heavy soft loud".split()
TOPICS = "meeting project music weather movie game flight trip lesson test order payment delivery plan news".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday today tomorrow".split()
MONTHS = "January February March April May June July August September October November December".split()
TIMES = "morning evening night noon".split()
SPANS = "hours minutes seconds days weeks".split()
WAYS = "left right up down north south east west".split()
HOW = "slowly quickly now again later soon early".split()
SWITCHED = "music lights alarm timer recording video".split()
GIVING = "send bring give take show".split()
MOVING = "walk run go come move".split()
ALONE = "hello goodbye thanks yes no okay please stop start help wait listen sorry".split()
GLUE = (
    "the a and in on at of with from is are was not my your our this all every more than but very before after "
    "under beside where when what who how can will do we you they he she it"
).split()

# A letter in braces stands for a word of its list, {n} for a number.
FORMS = (
    "open the {c} {t}", "close the {c} {t}", "open the {t} in the {p}", "close the {t} at {n}", "please open the {t}",
    "call my {e} at {n}", "call the {e} in the {p} {d}", "please call {n} {n} {n} {n}", "call {n} {n} {n} {n} {n}",
    "send the {t} to my {e}", "send the report to the {e} {d}", "please {g} me the {c} {t}", "{g} the {t} to the {p}",
    "{g} me {n} {c} {x} and a {f}", "the meeting is at {n} {d}", "the {o} starts at {n} in the {m}",
    "our {o} is on the {n} of {h}", "start the {s}", "stop the {s}", "start the {s} in {n} {u}", "stop the {s} please",
    "turn {w}", "turn {w} at the {p}", "turn {w} at the {c} house", "{v} {w} {a}", "{v} to the {p} and turn {w}",
    "please {v} {a}", "the {k} {i} is in the {p}", "the {c} {t} is on the {k} table", "a {k} {i} sits under the {r}",
    "where is the {k} {t}", "where is my {t}", "what time is the {o} {d}", "when does the {o} start",
    "who is in the {p}", "can you open the {c} {t}", "can you send me the {t} {d}", "will you come to the {p} {d}",
    "how many {x} are in the {p}", "we need {n} {x} and {n} {c} boxes", "i want a {k} {f} please",
    "i need the {t} before {n}", "put the {t} on the {t}", "put the {f} in the {c} box", "the {e} and the {e} are {k}",
    "the {r} is {k} and the {r} is {c}", "my {e} has a {k} {c} {t}", "wait {n} {u}", "please wait and try again",
    "set the timer for {n} {u}", "set the alarm for {n} in the {m}", "play the {k} music {a}", "listen to the {o} {a}",
    "it is {n} {u} after {n}", "she will {v} to the {p} {d}", "he was at the {p} in the {m}", "they {v} {w} every {m}",
    "there is a {c} {t} here", "the {f} is not {k}", "no the {t} is {c}", "yes it is in the {p}",
    "thank you and goodbye", "hello this is your {e}", "sorry i am not ready", "the {c} door is {k}",
    "{n} {x} and a {i}", "red blue and green {x}", "tomorrow at {n} please", "left then right then {w}",
    "{n} {n} {n}", "{n} {n} {n} {n} {n} {n}", "the number is {n} {n} {n}", "{c} {c} {c}", "the window is open",
    "push the {c} key", "press {n} to {v}", "the {o} costs {n} dollars", "i think the {o} is {k}", "{d} or {d}",
)  # fmt: skip
LISTS = {
    "c": COLOURS, "t": THINGS, "p": PLACES, "e": PEOPLE, "i": ANIMALS, "f": FOOD, "r": NATURE, "k": KINDS, "o": TOPICS,
    "d": DAYS, "h": MONTHS, "m": TIMES, "u": SPANS, "w": WAYS, "a": HOW, "x": MANY, "s": SWITCHED,
    "g": GIVING, "v": MOVING,
}  # fmt: skip
# Words that sound like another word or a number, said only where the rest of the phrase tells which is meant.
CONFUSED = frozenset("to for i are our or a of".split())
QUESTIONS = ("where", "what", "when", "who", "can", "will", "how")
LETTERS = " abcdefghijklmnopqrstuvwxyz0123456789"
UNNATURAL, SHORT = 0.3, 0.1  # how many phrases are words in any order, and single words
HELD_OUT = 8  # one phrase of so many is never trained on
LEAST_HELD_OUT = 4  # words: shorter phrases cannot be kept apart


def phrase(rng: np.random.Generator, unseen: bool) -> str:
    """One phrase as it is written: a capital first, digits for numbers, a mark at its end.

    Args:
        rng: source of all randomness.
        unseen: whether it shall be one that training never has, or one that it may have.
    """
    while True:
        text = _sentence(_words(rng))
        if is_unseen(text) == unseen:
            return text


def is_unseen(text: str) -> bool:
    """Whether a phrase is kept for evaluation, told from its words alone."""
    plain = words_of(text)
    return len(plain) >= LEAST_HELD_OUT and zlib.crc32(" ".join(plain).encode()) % HELD_OUT == 0


def words_of(text: str) -> list[str]:
    """The words of a text without marks and capitals, numbers as they are."""
    return re.findall(r"[a-z0-9]+", text.lower())


def spell(text: str) -> list[int]:
    """The letters of a text, counted from 1; marks are not spelt."""
    return [LETTERS.index(letter) + 1 for letter in text.lower() if letter in LETTERS]


@cache
def vocabulary() -> tuple[str, ...]:
    """Every word that can be said, numbers aside, small letters, in order."""
    fixed = words_of(re.sub(r"\{\w\}", " ", " ".join(FORMS)))
    listed = [word.lower() for values in LISTS.values() for word in values]
    return tuple(sorted({*fixed, *listed, *ALONE, *GLUE}))


def number(rng: np.random.Generator) -> str:
    """A number below a hundred, mostly one digit."""
    return str(rng.integers(10) if rng.random() < 0.6 else rng.integers(10, 100))


def _words(rng: np.random.Generator) -> str:
    style = rng.random()
    if style < SHORT:
        return str(rng.choice(vocabulary()) if rng.random() < 0.7 else rng.choice(ALONE))
    if style < SHORT + UNNATURAL:
        plain = [word for word in vocabulary() if word not in CONFUSED]
        count = int(rng.integers(2, 8))
        return " ".join(number(rng) if rng.random() < 0.06 else str(rng.choice(plain)) for _ in range(count))
    form = str(rng.choice(FORMS))
    while found := re.search(r"\{(\w)\}", form):
        word = number(rng) if found[1] == "n" else str(rng.choice(LISTS[found[1]]))
        form = form[: found.start()] + word + form[found.end() :]
    return form


def _sentence(text: str) -> str:
    named = {word.lower(): word for word in (*DAYS, *MONTHS)}
    spelt = [named.get(word, "I" if word == "i" else word) for word in text.split()]
    written = " ".join(spelt)
    mark = "?" if spelt[0] in QUESTIONS and len(spelt) > 2 else "."
    return written[0].upper() + written[1:] + mark
