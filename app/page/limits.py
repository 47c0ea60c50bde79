"""How much of a page is read, so that a parser that runs in C is never handed what it needs seconds or gigabytes for.

Three things make an HTML parser slower than its text is long: elements within elements, elements such as `b` that are
opened again in every paragraph while nobody closes them, and attributes of one tag. All three are counted here on the
bare text, where a tag may turn out to be part of a comment: too many are counted, never too few.
"""

from __future__ import annotations

import re

from app.words import tr

MOST_CHARACTERS = 32_000_000  # with pictures
MOST_TAGS = 20_000  # opening and closing ones and comments
MOST_REOPENED = 500_000  # elements that come to be because others were not closed
MOST_ATTRIBUTES = 200  # of one tag

CUT_LONG = tr("The page is very long; only its beginning is shown.")

_TAG = re.compile(r"<(?:[a-zA-Z]|[/!?])")
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|$)|'[^']*+(?:'|$)|[^\s>"'][^\s>]*+)?)?"""
_ATTRIBUTES = re.compile(rf"[^\s/>]*+(?:{_ATTRIBUTE}){{0,{MOST_ATTRIBUTES}}}+")
_END_OF_TAG = re.compile(r"[\s/]*+(?:>|$)")
_REOPENED = re.compile(
    r"<(b|big|code|em|font|i|s|small|strike|strong|tt|u)(?=[\s/>])(?!(?:\s+[\w:-]+(?:=\"[^\"<>]*\")?)*\s*>[^<]*</\1>)",
    re.IGNORECASE,
)


def readable_part(text: str) -> str:
    """The text as far as it can be read in bounded time; the same object if that is all of it."""
    part = text[:MOST_CHARACTERS]
    reopened: set[str] = set()
    budget = 8 * len(part)
    for count, tag in enumerate(_TAG.finditer(part)):
        at = tag.start()
        if count >= MOST_TAGS:
            return part[:at]
        if part[at + 1] in "/!?":
            continue
        attributes = _ATTRIBUTES.match(part, at + 1)
        end = attributes.end() if attributes else at
        budget -= end - at
        if budget < 0 or not _END_OF_TAG.match(part, end):
            return part[:at]
        if _REOPENED.match(part, at):
            reopened.add(part[at:end])
        if 3 * len(reopened) * count > MOST_REOPENED:
            return part[:at]
    return part if len(part) < len(text) else text
