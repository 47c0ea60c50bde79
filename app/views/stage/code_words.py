"""HTML line by line as coloured words, by Pygments: what a line is depends on where the one before it ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Literal, TypeAlias

from pygments.lexer import ExtendedRegexLexer, LexerContext, RegexLexer
from pygments.lexers.css import CssLexer
from pygments.lexers.html import HtmlLexer
from pygments.lexers.javascript import JavascriptLexer
from pygments.token import Comment, Keyword, Name, Number, Punctuation, String, _TokenType

Language: TypeAlias = Literal["html", "css", "js"]
State: TypeAlias = tuple[Language, tuple[str, ...]]
"""What a line begins in: a language, and the lexer's stack."""
START: State = ("html", ("root",))
LONGEST_LINE = 4000
"""Beyond, a line is left plain: nobody reads it, and it would take long."""

_OPENS: dict[Language, re.Pattern[str]] = {
    "css": re.compile(r"<style\b[^<>]*>", re.IGNORECASE),
    "js": re.compile(r"<script\b[^<>]*>", re.IGNORECASE),
}
_CLOSES: dict[Language, re.Pattern[str]] = {
    "css": re.compile(r"</style\b", re.IGNORECASE),
    "js": re.compile(r"</script\b", re.IGNORECASE),
}


class Kind(IntEnum):
    """What a word is, as far as its colour goes."""

    PLAIN = 0
    TAG = 1
    NAME = 2
    VALUE = 3
    COMMENT = 4
    MARK = 5


def _resumable(lexer: type[RegexLexer]) -> ExtendedRegexLexer:
    """The lexer as one that can begin anywhere, and says where it has ended."""
    return type(f"Resumable{lexer.__name__}", (ExtendedRegexLexer, lexer), {})()


_LEXERS: dict[Language, ExtendedRegexLexer] = {
    "html": _resumable(HtmlLexer),
    "css": _resumable(CssLexer),
    "js": _resumable(JavascriptLexer),
}
_KINDS: tuple[tuple[_TokenType, Kind], ...] = (
    (Comment, Kind.COMMENT),
    (Name.Tag, Kind.TAG),
    (Keyword.Constant, Kind.VALUE),
    (Keyword.Type, Kind.VALUE),
    (Keyword, Kind.NAME),
    (Name.Attribute, Kind.NAME),
    (Name.Property, Kind.NAME),
    (Name.Class, Kind.TAG),
    (Name.Namespace, Kind.TAG),
    (Name.Decorator, Kind.TAG),
    (Name.Entity, Kind.VALUE),
    (String, Kind.VALUE),
    (Number, Kind.VALUE),
    (Punctuation, Kind.MARK),
)


def line_words(line: str, state: State) -> tuple[list[tuple[int, int, Kind]], State]:
    """The words of one line that have a colour, as (start, length, kind), and what the next line begins in."""
    if len(line) > LONGEST_LINE:
        return [], state
    words: list[tuple[int, int, Kind]] = []
    at = 0
    while True:
        language, stack = state
        end, following = _piece(line, at, state)
        left_in = _lex(line[at:end], at, language, stack, words)
        if following is None:
            return words, (language, left_in)
        at, state = end, following


def _piece(line: str, at: int, state: State) -> tuple[int, State | None]:
    """Where the piece in one language ends, and what begins there; None where the line just ends."""
    language, stack = state
    if language != "html":
        found = _CLOSES[language].search(line, at)
        return (found.start(), START) if found else (len(line), None)
    opened: list[tuple[int, Language]] = []
    for name, tag in _OPENS.items():
        if found := tag.search(line, at):
            opened.append((found.end(), name))
    if stack != START[1] or not opened:
        return len(line), None
    end, name = min(opened)
    return end, (name, ("root",))


def _lex(
    text: str, offset: int, language: Language, stack: tuple[str, ...], words: list[tuple[int, int, Kind]]
) -> tuple[str, ...]:
    """Add the words of a piece in one language; returns the lexer's stack behind it."""
    context = LexerContext(f"{text}\n", 0, list(stack))
    for start, kind, value in _tokens(_LEXERS[language], context):
        if kind is not Kind.PLAIN and start < len(text):
            words.append((offset + start, min(len(value), len(text) - start), kind))
    return tuple(context.stack) or START[1]


def _tokens(lexer: ExtendedRegexLexer, context: LexerContext) -> Iterator[tuple[int, Kind, str]]:
    for start, token, value in lexer.get_tokens_unprocessed(context=context):
        yield start, _kind(token), value


def _kind(token: _TokenType) -> Kind:
    return next((kind for parent, kind in _KINDS if token in parent), Kind.PLAIN)
