"""Markdown to tokens, by markdown-it: what models write, nothing that reaches out, formulas left as they are."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MATH = "math"
"""Type of a token whose content is a formula, with its signs around it."""
_FORMULA = re.compile(r"\\\(.+?\\\)|\\\[.+?\\\]|\$\$.+?\$\$|\$(?=[^\s$])[^$\n]*?(?<=[^\s\\])\$(?!\d)", re.DOTALL)
_BETWEEN_DOLLARS = re.compile(r"[\\^_={}]|\$\w\$")


def _formula(state: StateInline, silent: bool) -> bool:
    """A rule that takes a formula whole, so that nothing in it is read as Markdown."""
    if state.src[state.pos] not in "\\$":
        return False
    found = _FORMULA.match(state.src, state.pos)
    if found is None:
        return False
    text = found.group()
    if text[0] == "$" and not text.startswith("$$") and not _BETWEEN_DOLLARS.search(text):
        return False  # prices, more likely
    if not silent:
        state.push(MATH, "", 0).content = text
    state.pos = found.end()
    return True


def _make() -> MarkdownIt:
    # Raw HTML stays text. Setext headings and indented code are what half-written lists and rules look like for a
    # moment, and models use neither; links defined further down would change what stands already.
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.disable(["lheading", "code", "reference", "html_block", "html_inline"])
    markdown.inline.ruler.before("escape", MATH, _formula)
    return markdown


_MARKDOWN = _make()


def parse(text: str) -> list[Token]:
    """The blocks of a text, as markdown-it's flat list of tokens."""
    return _MARKDOWN.parse(text)
