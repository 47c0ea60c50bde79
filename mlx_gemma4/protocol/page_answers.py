"""Which part of an answer is the page that was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mlx_gemma4.protocol.events import CodeBlock

_HTML = ("html", "htm", "xhtml")
# Atomic: what has been read as a comment is never tried as part of a longer one, which would take for ever.
_BEGINS_LIKE_HTML = re.compile(r"\s*(?>(?:(?><!--.*?-->)\s*)*)<(!doctype|html|head|body)\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class PageAnswer:
    """HTML that a model has written; `complete` is False where its answer broke off in it."""

    html: str
    complete: bool


def page_answer(text: str, blocks: Sequence[CodeBlock]) -> PageAnswer | None:
    """The last page in an answer; None where it has none.

    Args:
        text: of the whole answer.
        blocks: that were found in it. One counts if it is said to be HTML or begins like it; if there is no block at
            all, the answer itself may be the page.
    """
    for block in reversed(blocks):
        if block.text.strip() and (block.language in _HTML or begins_like_html(block.text)):
            return PageAnswer(block.text, block.closed)
    if not blocks and begins_like_html(text):
        return PageAnswer(text.strip(), re.search(r"</html\s*>\s*$", text, re.IGNORECASE) is not None)
    return None


def begins_like_html(text: str) -> bool:
    """Whether a text begins as HTML files do."""
    return _BEGINS_LIKE_HTML.match(text) is not None
