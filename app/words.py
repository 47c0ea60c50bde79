"""The words that people read, in their language; written in English where they are used.

`resources/strings/en.json` lists all of them (`make strings` writes it). Beside it a language is a file with the same
keys and its own sentences; what it lacks stays English. `PRISM_LANGUAGE` says which one, before anything is imported.
"""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QLocale

VARIABLE = "PRISM_LANGUAGE"
"""Names the language: `de`, `pt_BR`; empty for English."""
PSEUDO = "qps"
"""A language that nobody speaks: English with accents, longer, and in brackets, to see what was forgotten."""
_PLACES = (
    Path(__file__).parents[1] / "resources" / "strings",
    Path(__file__).parents[1] / "mlx_gemma4" / "resources" / "strings",
)
_SLOT = re.compile(r"(\{[^{}]*\}|\{\{|\}\}|\([^()]*\*\.[^()]*\))")
_ACCENTS = str.maketrans("AaCcEeGgIiLlNnOoRrSsUuYyZz", "ÂåÇçÉéĞğÎîĹĺÑñÔöŔŕŠšÛüÝýŽž")
_LONGER = 0.4


@dataclass(frozen=True)
class Language:
    """Sentences by their English ones.

    Attributes:
        code: as in `PRISM_LANGUAGE`.
        name: as its speakers call it.
        strings: of `tr`.
        plurals: of `trn`, by the English plural: one form for each of the language's numbers.
    """

    code: str = "en"
    name: str = "English"
    strings: dict[str, str] = field(default_factory=dict)
    plurals: dict[str, list[str]] = field(default_factory=dict)

    def plural(self, number: float) -> int:
        """Which of its forms goes with a number."""
        family = self.code[:2]
        if family in ("ja", "zh", "ko"):
            return 0
        if family == "fr" or self.code == "pt_BR":
            return 0 if number < 2 else 1
        if family in ("ru", "uk", "pl", "cs"):
            return _slavic(family, int(number))
        return 0 if number == 1 else 1


def tr(text: str, **values: object) -> str:
    """This sentence in the person's language, `{name}` in it replaced by what is given under that name."""
    language = current()
    said = pseudo(text) if language.code == PSEUDO else language.strings.get(text, text)
    return said.format(**values) if values else said


def trn(one: str, many: str, n: float, **values: object) -> str:
    """What goes with a number, `{n}`: `trn("{n} box", "{n} boxes", 3)`."""
    language = current()
    english = one if n == 1 else many
    if language.code == PSEUDO:
        said = pseudo(english)
    else:
        forms = language.plurals.get(many)
        said = forms[min(language.plural(n), len(forms) - 1)] if forms else english
    return said.format(n=number(n), **values)


def number(value: float, decimals: int = 0) -> str:
    """`1,024`, `3.6`: with the marks of the person's language."""
    return _locale().toString(float(value), "f", decimals)


def current() -> Language:
    """The language in force: chosen once, before the first word is said."""
    return _language(os.environ.get(VARIABLE, ""))


def languages() -> list[Language]:
    """Those that there are, English first."""
    found = [_language(file.stem) for place in _PLACES if place.is_dir() for file in sorted(place.glob("*.json"))]
    return [_language("en"), *(language for language in found if language.code != "en")]


def choose_language(wanted: str) -> str:
    """Have the words in this language from now on, or in the system's own for `system`; returns its code.

    What was asked for before keeps its language, so this comes before anything that speaks is imported.
    """
    known = {language.code for language in languages()} | {PSEUDO}
    names = [name.replace("-", "_") for name in QLocale.system().uiLanguages()] if wanted == "system" else [wanted]
    for name in names:
        for code in (name, name.split("_")[0]):
            if code in known:
                os.environ[VARIABLE] = code
                return code
    os.environ[VARIABLE] = "en"
    return "en"


def pseudo(text: str) -> str:
    """English as nobody writes it; what is between braces stays."""
    if not text.strip():
        return text
    pieces = [piece if _SLOT.fullmatch(piece) else piece.translate(_ACCENTS) for piece in _SLOT.split(text)]
    more = max(1, math.ceil(len(text) * _LONGER) - 2)
    return f"⟦{''.join(pieces)}{'~' * more}⟧"


@lru_cache(maxsize=8)
def _language(code: str) -> Language:
    if code in ("", "en"):
        return Language()
    if code == PSEUDO:
        return Language(PSEUDO, "Pseudo")
    for place in _PLACES:
        try:
            table = json.loads((place / f"{code}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return Language(code, table["name"], table["strings"], table["plurals"])
    return Language()


def _locale() -> QLocale:
    code = current().code
    return QLocale("en") if code == PSEUDO else QLocale(code)


def _slavic(family: str, number: int) -> int:
    if number == 1 or (family in ("ru", "uk") and number % 10 == 1 and number % 100 != 11):
        return 0
    if family == "cs":
        return 1 if 2 <= number <= 4 else 2
    return 1 if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else 2
