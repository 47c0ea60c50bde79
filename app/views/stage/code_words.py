"""Code line by line as coloured words, by Pygments: what a line is depends on where the one before it ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from importlib import import_module
from typing import TypeAlias

from pygments.lexer import ExtendedRegexLexer, LexerContext, RegexLexer
from pygments.token import Comment, Keyword, Name, Number, Punctuation, String, _TokenType

Language: TypeAlias = str
"""A name in `LEXERS`."""
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


LEXERS: dict[Language, str] = {
    "html": "html:HtmlLexer", "css": "css:CssLexer", "js": "javascript:JavascriptLexer",
    "ts": "javascript:TypeScriptLexer", "python": "python:PythonLexer", "c": "c_cpp:CLexer", "cpp": "c_cpp:CppLexer",
    "java": "jvm:JavaLexer", "kotlin": "jvm:KotlinLexer", "csharp": "dotnet:CSharpLexer", "go": "go:GoLexer",
    "rust": "rust:RustLexer", "swift": "objective:SwiftLexer", "ruby": "ruby:RubyLexer", "bash": "shell:BashLexer",
    "sql": "sql:SqlLexer", "toml": "configs:TOMLLexer", "ini": "configs:IniLexer", "diff": "diff:DiffLexer",
    "r": "r:RLexer", "lua": "scripting:LuaLexer",
}  # fmt: skip
"""Modules of `pygments.lexers` and the classes in them: those that can begin in any line."""
_ALIASES: dict[str, Language] = {
    "htm": "html", "xml": "html", "svg": "html", "javascript": "js", "jsx": "js", "json": "js", "jsonc": "js",
    "typescript": "ts", "tsx": "ts", "py": "python", "python3": "python", "c++": "cpp", "cc": "cpp", "h": "c",
    "kt": "kotlin", "cs": "csharp", "c#": "csharp", "golang": "go", "rs": "rust", "rb": "ruby", "sh": "bash",
    "shell": "bash", "zsh": "bash", "console": "bash", "sqlite": "sql", "mysql": "sql", "postgresql": "sql",
    "patch": "diff",
}  # fmt: skip


def begins_in(name: str) -> State | None:
    """What the first line of code in this language begins in; None for one that is left without colours."""
    language = _ALIASES.get(name.lower(), name.lower())
    return (language, ("root",)) if language in LEXERS else None


@lru_cache
def _lexer(language: Language) -> ExtendedRegexLexer:
    module, _, name = LEXERS[language].partition(":")
    return _resumable(getattr(import_module(f"pygments.lexers.{module}"), name))


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
        found = _CLOSES[language].search(line, at) if language in _CLOSES else None
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
    for start, kind, value in _tokens(_lexer(language), context):
        if kind is not Kind.PLAIN and start < len(text):
            words.append((offset + start, min(len(value), len(text) - start), kind))
    return tuple(context.stack) or START[1]


def _tokens(lexer: ExtendedRegexLexer, context: LexerContext) -> Iterator[tuple[int, Kind, str]]:
    for start, token, value in lexer.get_tokens_unprocessed(context=context):
        yield start, _kind(token), value


def _kind(token: _TokenType) -> Kind:
    return next((kind for parent, kind in _KINDS if token in parent), Kind.PLAIN)
