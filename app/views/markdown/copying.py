"""What is selected in an answer as words that make sense without their formats."""

from __future__ import annotations

from PySide6.QtGui import QTextBlock, QTextCursor

from app.views.markdown.formats import CODE

_CELL, _LINE = "\t", "\n"


def plain_text(selection: QTextCursor) -> str:
    """The selected words: items with their signs, cells of a row apart by tabs, paragraphs by an empty line."""
    document = selection.document()
    start, end = selection.selectionStart(), selection.selectionEnd()
    block = document.findBlock(start)
    parts: list[str] = []
    before: QTextBlock | None = None
    while block.isValid() and block.position() <= end:
        first, last = max(start - block.position(), 0), min(end - block.position(), block.length() - 1)
        words = block.text()[first:last].replace("\u2028", "\n")
        if words or (before is not None and _same_code(before, block)):
            parts.append(_between(before, block) + (_sign(block) if first == 0 else "") + words)
            before = block
        block = block.next()
    return "".join(parts)


def _sign(block: QTextBlock) -> str:
    items = block.textList()
    if items is None:
        return ""
    sign = items.itemText(block)
    indent = "  " * (items.format().indent() - 1)
    return f"{indent}{sign if sign[:1].isdigit() else '-'} "


def _between(before: QTextBlock | None, block: QTextBlock) -> str:
    if before is None:
        return ""
    here, there = QTextCursor(block).currentTable(), QTextCursor(before).currentTable()
    if here is not None and here == there:
        same_row = here.cellAt(block.position()).row() == here.cellAt(before.position()).row()
        return _CELL if same_row else _LINE
    if _same_code(before, block) or (before.textList() is not None and block.textList() is not None):
        return _LINE
    return _LINE * 2


def _same_code(before: QTextBlock, block: QTextBlock) -> bool:
    code = before.blockFormat().intProperty(CODE) and block.blockFormat().intProperty(CODE)
    return bool(code) and block.blockFormat().topMargin() == 0
