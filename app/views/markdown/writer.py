"""Tokens of Markdown into a document, block by block; always at its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from markdown_it.token import Token
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextListFormat, QTextTable

from app.views import theme
from app.views.markdown.formats import CODE, RULE, Look
from app.views.markdown.parser import MATH
from app.views.markdown.times import times_in
from app.words import tr

_ADDRESS = re.compile(r"https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}*_]")
_BULLETS = (QTextListFormat.Style.ListDisc, QTextListFormat.Style.ListCircle, QTextListFormat.Style.ListSquare)
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_ALIGNMENTS = {"text-align:center": Qt.AlignmentFlag.AlignHCenter, "text-align:right": Qt.AlignmentFlag.AlignRight}


Reach: TypeAlias = Callable[[float], bool]
"""Whether there is a clip or a recording that lasts so many seconds."""
Row: TypeAlias = list[tuple[Token, object]]
"""Words and alignment of each cell."""


@dataclass(frozen=True)
class Place:
    """An end of the document to come back to; `blank` if the block there is empty and not yet used."""

    position: int
    blank: bool
    block: QTextBlockFormat


@dataclass
class _Where:
    """What the next block stands in."""

    depth: int = 0
    quoted: int = 0
    lists: list[int | None] = field(default_factory=list)  # the number of the next item; None in a list without numbers
    marker: QTextListFormat | None = None  # of an item whose first block has not come
    begun: bool = False  # likewise, of an item with a box in the place of a sign


class Writer:
    """Writes blocks, and takes them back from a place on.

    Attributes:
        last_table: the last one that was written.
        has_links: whether anything leads anywhere.
    """

    def __init__(self, document: QTextDocument, look: Look, reach: Reach | None = None) -> None:
        """Write in this look; times are links where `reach` says that there is something to go to."""
        self.look, self._reach = look, reach
        self._cursor = QTextCursor(document)
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self._blank = document.isEmpty()
        self.last_table: QTextTable | None = None
        self.has_links = False

    @property
    def place(self) -> Place:
        """Where the next block will begin."""
        return Place(self._cursor.position(), self._blank, self._cursor.blockFormat())

    def go_back(self, place: Place) -> None:
        """Take out what was written from there on."""
        self._cursor.setPosition(place.position)
        self._cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        self._cursor.removeSelectedText()
        if self._cursor.blockFormat() != place.block:  # an empty block takes the format of one that is joined to it
            self._cursor.setBlockFormat(place.block)
        self._blank = place.blank

    def begin_block(self, block: QTextBlockFormat, char: QTextCharFormat) -> None:
        """A new block at the end."""
        if self._blank:
            if self._cursor.position() == 0:
                block = QTextBlockFormat(block)
                block.setTopMargin(block.topMargin() - theme.GRID if block.intProperty(CODE) else 0)
            self._cursor.setBlockFormat(block)
            self._cursor.setBlockCharFormat(char)
            self._cursor.setCharFormat(char)
        else:
            self._cursor.insertBlock(block, char)
        self._blank = False

    def change_block(self, block: QTextBlockFormat) -> None:
        """The last block in another format."""
        if self._cursor.block().position() == 0:
            block.setTopMargin(self._cursor.blockFormat().topMargin())
        self._cursor.setBlockFormat(block)

    def text(self, words: str, char: QTextCharFormat) -> None:
        """More words in the last block."""
        self.has_links = self.has_links or char.isAnchor()
        self._cursor.insertText(words, char)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is written meanwhile is laid out once."""
        self._cursor.beginEditBlock()
        editing = self._cursor
        try:
            yield
        finally:
            editing.endEditBlock()

    def write(self, tokens: Sequence[Token], number: int | None = None, *, inside: bool = False) -> None:
        """All of these blocks.

        Args:
            tokens: of them.
            number: of a list that they begin with, whose first items were written before.
            inside: their first words go on with the last paragraph.
        """
        where, position = _Where(), 1 if inside else 0
        while position < len(tokens):
            token = tokens[position]
            if token.type == "table_open":
                end = next(i for i in range(position, len(tokens)) if tokens[i].type == "table_close")
                self._table(table_rows(tokens[position:end]))
                position = end
            elif token.type == "ordered_list_open":
                given = int(token.attrs.get("start", 1))
                where.lists.append(number if number is not None and position == 0 else given)
            elif token.type == "list_item_open":
                first = tokens[position + 2] if position + 2 < len(tokens) else token
                self._item(where, is_task=first.type == "inline" and first.content[:4] in _TASKS)
            else:
                self._block(token, where)
            position += 1

    def _block(self, token: Token, where: _Where) -> None:
        match token.type:
            case "bullet_list_open":
                where.lists.append(None)
            case "bullet_list_close" | "ordered_list_close":
                where.lists.pop()
            case "list_item_close":
                if where.marker is not None:
                    self._begin(where, self.look.words())
                where.depth -= 1
            case "blockquote_open":
                where.quoted += 1
            case "blockquote_close":
                where.quoted -= 1
            case "paragraph_open":
                self._begin(where, self.look.words())
            case "heading_open":
                self._begin(where, self.look.heading(int(token.tag[1:])), theme.GRID * 2)
            case "inline":
                self._inline(token, self._cursor.blockCharFormat())
            case "hr":
                self._begin(where, self.look.words())
                rule = self._cursor.blockFormat()
                rule.setProperty(RULE, 1)
                self.change_block(rule)
            case "fence":
                self.code(token.content.removesuffix("\n").split("\n"), where.depth)
            case _:
                pass

    def code(self, lines: list[str], depth: int = 0) -> None:
        """Lines of code without colours or name, inside words."""
        char = self.look.code()
        for number, line in enumerate(lines):
            last = number == len(lines) - 1
            self.begin_block(self.look.code_line(first=not number, last=last, depth=depth, head=False), char)
            self.text(line, char)

    def _item(self, where: _Where, *, is_task: bool) -> None:
        where.depth += 1
        number = where.lists[-1]
        level = where.lists.count(None)
        style = _BULLETS[min(level, 3) - 1] if number is None else QTextListFormat.Style.ListDecimal
        where.marker = None if is_task else self.look.list_item(style, where.depth, number or 0)
        where.begun = True
        if number is not None:
            where.lists[-1] = number + 1

    def _begin(self, where: _Where, char: QTextCharFormat, above: int = theme.INSET - 2) -> None:
        marker, where.marker = where.marker, None
        begun, where.begun = where.begun, False
        gap, depth = theme.GRID // 2 + 1 if begun else above, where.depth if marker is None else 0
        self.begin_block(self.look.block(above=gap, depth=depth, quoted=where.quoted), char)
        if marker is not None:
            self._cursor.createList(marker)

    def _inline(self, token: Token, base: QTextCharFormat) -> None:
        stack = [base]
        children = token.children or []
        for number, child in enumerate(children):
            char = stack[-1]
            match child.type:
                case "text" | "text_special":
                    self._words(_task(child.content) if not number else child.content, char)
                case "softbreak" | "hardbreak":  # models break lines where they mean it
                    self.text("\u2028", char)
                case "code_inline" | "math":
                    self.text(child.content, self.look.code(char) if child.type != MATH else _as_formula(char))
                case "image":
                    words = tr("[Picture: {name}]", name=child.content or tr("without a name"))
                    self.text(words, self.look.link(char, str(child.attrs.get("src", ""))))
                case "strong_open" | "em_open" | "s_open" | "link_open":
                    stack.append(self._styled(child, char))
                case "strong_close" | "em_close" | "s_close" | "link_close":
                    stack.pop()
                case _:
                    self.text(child.content, char)

    def _styled(self, token: Token, base: QTextCharFormat) -> QTextCharFormat:
        result = QTextCharFormat(base)
        match token.type:
            case "strong_open":
                result.setFontWeight(600)
            case "em_open":
                result.setFontItalic(True)
            case "s_open":
                result.setFontStrikeOut(True)
            case _:
                return self.look.link(base, str(token.attrs.get("href", "")))
        return result

    def _words(self, words: str, char: QTextCharFormat) -> None:
        position = 0
        if char.isAnchor():
            self.text(words, char)
            return
        for found in _ADDRESS.finditer(words):
            self._timed(words[position : found.start()], char)
            self.text(found.group(), self.look.link(char, found.group()))
            position = found.end()
        self._timed(words[position:], char)

    def _timed(self, words: str, char: QTextCharFormat) -> None:
        """Words with the times in them."""
        position = 0
        for found in times_in(words) if self._reach is not None else ():
            if self._reach is not None and self._reach(found.seconds):
                self.text(words[position : found.start], char)
                self.text(words[found.start : found.end], self.look.moment(char, found.seconds))
                position = found.end
        self.text(words[position:], char)

    def fill_row(self, table: QTextTable, row: int, cells: Row) -> None:
        """The words of a row, which is made if it is not there yet."""
        if row >= table.rows():
            table.appendRows(1)
        for column, (inline, alignment) in enumerate(cells[: table.columns()]):
            self._cell(table, row, column, inline, alignment)
        self._cursor.movePosition(QTextCursor.MoveOperation.End)

    def _table(self, rows: list[Row]) -> None:
        columns = len(rows[0])
        if not self._blank:
            self._cursor.insertBlock(QTextBlockFormat(), self.look.words())
        table = self._cursor.insertTable(len(rows), columns, self.look.table(columns))
        _make_small(table.firstCursorPosition().document(), table.firstPosition() - 1)
        self.last_table = table
        for row, cells in enumerate(rows):
            self.fill_row(table, row, cells)
        _make_small(table.firstCursorPosition().document(), self._cursor.position())
        self._blank = True

    def _cell(self, table: QTextTable, row: int, column: int, inline: Token, alignment: object) -> None:
        self._cursor.setPosition(table.cellAt(row, column).firstPosition())
        self._cursor.setPosition(table.cellAt(row, column).lastPosition(), QTextCursor.MoveMode.KeepAnchor)
        self._cursor.removeSelectedText()
        block = self.look.block(above=0)
        if alignment in _ALIGNMENTS:
            block.setAlignment(_ALIGNMENTS[str(alignment)])
        char = self.look.words()
        if row == 0:
            char.setFontWeight(600)
        self._cursor.setBlockFormat(block)
        self._cursor.setBlockCharFormat(char)
        self._inline(inline, char)


def table_rows(tokens: Sequence[Token]) -> list[Row]:
    """The rows of a table, its head first."""
    rows: list[Row] = []
    for number, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append((tokens[number + 1], token.attrs.get("style")))
    return rows


def _make_small(document: QTextDocument, position: int) -> None:
    """Blocks before and after a table are there because Qt wants them."""
    cursor = QTextCursor(document)
    cursor.setPosition(max(position, 0))
    if cursor.block().length() <= 1:
        small = QTextBlockFormat()
        small.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor.setBlockFormat(small)


def _task(words: str) -> str:
    sign = next((sign for sign in _TASKS if words.startswith(sign)), None)
    return words if sign is None else _TASKS[sign] + words[len(sign) :]


def _as_formula(base: QTextCharFormat) -> QTextCharFormat:
    result = QTextCharFormat(base)
    result.setFontItalic(False)
    return result
