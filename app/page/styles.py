"""CSS as a model wrote it → CSS that fetches nothing, read and written by tinycss2.

What is kept is listed, not what is dropped: functions, at-rules and the places where `url(…)` may stand. A name that is
written with escapes is compared as the browser would read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import tinycss2
from tinycss2 import ast

from app.page.addresses import picture_address

FUNCTIONS = frozenset(
    "rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark "
    "calc min max clamp round mod rem abs sign sin cos tan asin acos atan atan2 pow sqrt hypot log exp var env attr "
    "linear-gradient radial-gradient conic-gradient repeating-linear-gradient repeating-radial-gradient "
    "repeating-conic-gradient -webkit-linear-gradient -webkit-radial-gradient -webkit-gradient from to color-stop "
    "repeat minmax fit-content counter counters "
    "translate translatex translatey translatez translate3d scale scalex scaley scalez scale3d rotate rotatex rotatey "
    "rotatez rotate3d skew skewx skewy matrix matrix3d perspective "
    "blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia "
    "circle ellipse inset polygon path rect xywh cubic-bezier steps linear".split()
)
SELECTORS = frozenset(
    "not is where has nth-child nth-last-child nth-of-type nth-last-of-type lang dir selector style".split()
)
RULES_WITH_RULES = frozenset("media supports container layer starting-style keyframes -webkit-keyframes".split())
TAKE_AN_ID = frozenset("fill stroke clip-path -webkit-clip-path mask -webkit-mask".split())
"""Properties whose value may be the id of a gradient, path or mask of the page itself."""
MARKS = frozenset(", / * + - : = < > . % # ? & | ~ ^ $ || |= ~= ^= $= *= >= <=".split())
REMEMBERED = 5000  # characters: longer texts hold pictures, and would fill the memory
DEEPEST = 16  # blocks, brackets and functions within each other
_NAME = re.compile(r"-{0,2}[a-zA-Z][\w-]*")
_FETCHES = re.compile(r"url\((?!\s*[\"']?#)|@import|@font-face|image-set\(", re.IGNORECASE)
_OWN_ID = re.compile(r"#[\w-]+")
_SIMPLE = re.compile(r"(?:\s*+[a-z-]++\s*+:\s*+[\w#.-][\w\s.,%#-]*+(?:;|$))*\s*")
"""Declarations without functions, strings, comments and escapes: most of what pages hold, and nothing to look into."""
_SIMPLE_RULE = re.compile(r"\s*([\w.#:*][\w\s.#:>+~*,-]*)\{([^{}]*)\}")
_PLAIN = r"""(?:[^{}()@\\"'<>/]|>|\([^(){}@\\"'<>/]*\)|"[^"\\<\n]*"|'[^'\\<\n]*')*+"""
_RULE = rf"\s*+{_PLAIN}\{{{_PLAIN}\}}"
_PIECE = re.compile(rf"\s*+/\*(?:[^*]|\*(?!/))*+\*/|{_RULE}|\s*+@[\w-]++{_PLAIN}\{{(?:{_RULE})*+\s*+\}}")
"""A comment, a rule or a block of rules whose end is plain to see; text where it is not is read as one."""
_LOCAL = ("url", "ident", "number", "percentage", "dimension", "hash", "string", "whitespace")


def rewrite_sheet(text: str) -> str:
    """The text of a style element, one rule a line; empty if nothing of it is kept."""
    rules = []
    at = 0
    while piece := _PIECE.match(text, at):
        rules.append(_remembered_piece(piece[0]))
        at = piece.end()
    rules.append(_remembered_piece(text[at:]))
    return "\n".join(rule for rule in rules if rule)


def _remembered_piece(text: str) -> str:
    return _rewrite_piece(text) if len(text) < REMEMBERED else _rewrite_piece.__wrapped__(text)


@lru_cache(maxsize=8192)
def _rewrite_piece(text: str) -> str:
    """One rule or more; a rule that was read before, as most are while a page is being written, is not read again."""
    rule = _SIMPLE_RULE.fullmatch(text)
    if rule and _SIMPLE.fullmatch(rule[2]) and "infinite" not in rule[2].lower():
        return f"{' '.join(rule[1].split())}{{{_tidy(rule[2])}}}"
    return _settled(_sheet_once, text)


def rewrite_declarations(text: str) -> str:
    """The text of a style attribute; empty if nothing of it is kept."""
    return _rewrite_declarations(text) if len(text) < REMEMBERED else _rewrite_declarations.__wrapped__(text)


@lru_cache(maxsize=8192)
def _rewrite_declarations(text: str) -> str:
    if _SIMPLE.fullmatch(text) and "infinite" not in text.lower():
        return _tidy(text)
    return _settled(_declarations_once, text)


@lru_cache(maxsize=1024)
def rewrite_value(name: str, text: str) -> str:
    """The value of a property that is written as an attribute, as SVG does; empty if it may not stay."""
    kept = _value(tinycss2.parse_component_value_list(text), name)
    return kept or ""


def _tidy(declarations: str) -> str:
    """Simple declarations without superfluous spaces."""
    pairs = (part.split(":") for part in declarations.split(";") if part.strip())
    return ";".join(f"{name.strip()}:{' '.join(value.split())}" for name, value in pairs)


def addresses_in(css: str) -> int:
    """How often CSS names something that is to be fetched; a picture in the address itself counts too."""
    return len(_FETCHES.findall(css))


def _settled(once: Callable[[str], str], text: str) -> str:
    """Rewritten until it stays as it is, so that what a browser reads has been read here; empty if it never does."""
    for _ in range(4):
        again = once(text)
        if again == text:
            return text
        text = again
    return ""


def _sheet_once(text: str) -> str:
    tokens = tinycss2.parse_component_value_list(text)
    rules = tinycss2.parse_stylesheet(tokens, skip_comments=True, skip_whitespace=True)
    return _unclosable("\n".join(_rules(rules, 0)))


def _declarations_once(text: str) -> str:
    return _unclosable(";".join(_body(tinycss2.parse_blocks_contents(text), DEEPEST)))


def _unclosable(css: str) -> str:
    """CSS that cannot end the style element it stands in; an escaped slash is a slash."""
    return css.replace("</", "<\\/")


def _rules(nodes: list[Any], depth: int) -> list[str]:
    """Rules that stand outside of any style rule, or in an at-rule that does."""
    return [rule for node in nodes if depth < DEEPEST and (rule := _rule(node, depth, nested=False))]


def _rule(node: Any, depth: int, *, nested: bool) -> str:
    """A rule with all that is in it, or an empty string; `nested` is one within a style rule."""
    if isinstance(node, ast.QualifiedRule):
        prelude = _written(node.prelude, _in_selector, _uncommented)
        body = _body(tinycss2.parse_blocks_contents(node.content), depth + 1)
        return f"{prelude}{{{_joined(body)}}}" if prelude else ""
    if not isinstance(node, ast.AtRule) or node.lower_at_keyword not in RULES_WITH_RULES:
        return ""
    prelude = _written(node.prelude, _in_selector, _uncommented)
    if prelude is None:
        return ""
    opening = f"@{node.lower_at_keyword} {prelude}".rstrip()
    if node.content is None:
        return f"{opening};" if node.lower_at_keyword == "layer" else ""
    if nested:
        return f"{opening}{{{_joined(_body(tinycss2.parse_blocks_contents(node.content), depth + 1))}}}"
    rules = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
    return f"{opening}{{{''.join(_rules(rules, depth + 1))}}}"


def _joined(parts: list[str]) -> str:
    """Declarations and rules in one block: a semicolon after what is not a block."""
    return "".join(part if part.endswith(("}", ";")) else f"{part};" for part in parts).removesuffix(";")


def _body(nodes: list[Any], depth: int) -> list[str]:
    """Declarations and, while it is not too deep, rules in a block."""
    parts = []
    for node in nodes:
        if isinstance(node, ast.Declaration):
            part = _declaration(node)
        else:
            part = _rule(node, depth, nested=True) if depth < DEEPEST else ""
        if part:
            parts.append(part)
    return parts


def _declaration(node: Any) -> str:
    name = node.name if node.name.startswith("--") else node.lower_name
    value = _value(node.value, name) if _NAME.fullmatch(name) else None
    return f"{name}:{value}{'!important' if node.important else ''}" if value else ""


def _value(tokens: list[Any], name: str) -> str | None:
    return _written(tokens, lambda token: _in_value(token, name), _once_only)


def _written(tokens: list[Any], allowed: Callable[[Any], bool], instead: Callable[[Any], Any]) -> str | None:
    """What stands `instead` of the tokens, as text; None if one of them is not allowed."""
    if not _clean(tokens, allowed, instead, 0):
        return None
    return tinycss2.serialize(tokens).strip()


def _clean(tokens: list[Any], allowed: Callable[[Any], bool], instead: Callable[[Any], Any], depth: int) -> bool:
    """Changes a list of tokens and what is inside them; False if one is not allowed."""
    if depth > DEEPEST:
        return False
    tokens[:] = [instead(token) for token in tokens]
    for token in tokens:
        if not allowed(token):
            return False
        if token.type == "function" and not _clean(token.arguments, allowed, instead, depth + 1):
            return False
        if token.type in ("() block", "[] block") and not _clean(token.content, allowed, instead, depth + 1):
            return False
    return True


def _once_only(token: Any) -> Any:
    """A number of repetitions instead of endless ones: a page has to come to rest to be a picture."""
    if token.type == "ident" and token.lower_value == "infinite":
        return ast.NumberToken(token.source_line, token.source_column, 1, 1, "1")
    return _uncommented(token)


def _uncommented(token: Any) -> Any:
    """A space instead of a comment."""
    if token.type == "comment":
        return ast.WhitespaceToken(token.source_line, token.source_column, " ")
    return token


def _in_selector(token: Any) -> bool:
    if token.type == "function":
        return token.lower_name in SELECTORS or token.lower_name in FUNCTIONS
    if token.type == "literal":
        return token.value in MARKS
    return token.type in ("() block", "[] block") or (token.type in _LOCAL and token.type != "url")


def _in_value(token: Any, name: str) -> bool:
    match token.type:
        case "url":
            return _address_stays(token.value, name)
        case "function" if token.lower_name == "url":
            arguments = [argument for argument in token.arguments if argument.type != "whitespace"]
            return [a.type for a in arguments] == ["string"] and _address_stays(arguments[0].value, name)
        case "function":
            return token.lower_name in FUNCTIONS
        case "literal":
            return token.value in MARKS
        case kind:
            return kind in ("() block", "[] block") or kind in _LOCAL


def _address_stays(address: str, name: str) -> bool:
    if name in TAKE_AN_ID and _OWN_ID.fullmatch(address):
        return True
    return picture_address(address) != ""
