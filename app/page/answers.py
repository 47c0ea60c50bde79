"""What an answer about a page says: its HTML, and the faults that are listed before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.state.answer_blocks import AnswerBlock, BlockKind
from mlx_gemma4.protocol.events import CodeBlock
from mlx_gemma4.protocol.page_answers import PageAnswer, page_answer

MOST_FAULTS = 20
_FENCE = "```"
_SIGN = re.compile(r"\s*(?:[-*•–]|\d{1,3}[.)])\s+")


def page_in(text: str, blocks: Sequence[AnswerBlock]) -> PageAnswer | None:
    """The page in an answer, as far as it is written; None while there is none."""
    return page_answer(text, [_code(block) for block in blocks if block.kind is BlockKind.CODE])


def faults_in(blocks: Sequence[AnswerBlock]) -> tuple[str, ...]:
    """The lines before the first code, without the signs of a list; headings that end in a colon are none."""
    lines: list[str] = []
    for block in blocks:
        if block.kind is not BlockKind.PROSE:
            break
        lines += block.text.splitlines()
    faults = (_SIGN.sub("", line, count=1).strip() for line in lines)
    return tuple(fault for fault in faults if fault and not fault.endswith(":"))[:MOST_FAULTS]


def _code(block: AnswerBlock) -> CodeBlock:
    """The block between its fences."""
    opening, *lines = block.text.rstrip().split("\n")
    closed = block.closed and bool(lines) and lines[-1].strip().startswith(_FENCE)
    language = opening.strip().removeprefix(_FENCE).strip().lower()
    return CodeBlock(language, "\n".join(lines[:-1] if closed else lines), closed)
