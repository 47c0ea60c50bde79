"""Parts of an answer in one document: prose by its Markdown, code by its lines; only the last block is written anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from markdown_it.token import Token
from PySide6.QtGui import QTextTable

from app.views.markdown.half import breaking_place, completed
from app.views.markdown.parser import parse
from app.views.markdown.writer import Place, Writer, table_rows
from app.views.stage.code_words import State, begins_in, line_words

_FENCE = "```"
_ROWS_AT_ONCE = 8
_PARAGRAPH_AT_ONCE = 600


@dataclass(frozen=True)
class Card:
    """A block of code in the document: where its first line begins, and in which language it is."""

    start: int
    language: str


class Section(Protocol):
    """A part that grows at its end."""

    def grow(self, text: str, *, over: bool) -> None:
        """More of it; `over` if that is all."""
        ...

    @property
    def card(self) -> Card | None:
        """The code that it is, if there is any yet."""
        ...


@dataclass(frozen=True)
class GrowingTable:
    """A table of which only the last row is still written.

    Attributes:
        head: its first two lines.
        row: the number of the last row.
    """

    table: QTextTable
    head: str
    row: int


class Prose:
    """Paragraphs, lists, tables: what is whole stays as it was written, the last block is written anew."""

    card = None

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._place = writer.place
        self._tail = ""
        self._shown: str | None = None
        self._number: int | None = None  # of the item that the tail begins with
        self._inside = False  # the tail goes on in the middle of a paragraph
        self._table: GrowingTable | None = None  # that the tail goes on with

    def grow(self, text: str, *, over: bool) -> None:
        """More of it; `over` if that is all."""
        self._tail += text
        if self._table is not None and not self._grow_table(over):
            return
        shown = self._tail if over else completed(self._tail)
        if shown == self._shown:
            return
        if self._shown is not None:
            self._writer.go_back(self._place)
        tokens = parse(shown)
        cut, line = _last_unit(tokens)
        if cut:
            self._writer.write(tokens[:cut] + _closing(tokens, cut), self._number, inside=self._inside)
            self._settle(tokens, cut, line)
            tokens = _opening(tokens, cut) + tokens[cut:]
        self._writer.write(tokens, self._number, inside=self._inside and bool(tokens))
        self._shown = completed(self._tail) if not over else self._tail
        if not over:
            self._relieve(tokens)

    def _relieve(self, tokens: list[Token]) -> None:
        """A long table or paragraph would take ever longer to write again: what has been seen of it stays."""
        if tokens and tokens[0].type == "table_open":
            lines = self._tail.split("\n")
            rows = table_rows(tokens)
            assert self._writer.last_table is not None
            if len(rows) >= _ROWS_AT_ONCE:
                self._table = GrowingTable(self._writer.last_table, "\n".join(lines[:2]) + "\n", len(rows) - 1)
                self._tail = "\n".join(lines[len(rows) :])
        elif len(tokens) == 3 and tokens[0].type == "paragraph_open" and len(self._tail) > 2 * _PARAGRAPH_AT_ONCE:
            cut = breaking_place(self._tail, _PARAGRAPH_AT_ONCE)
            if cut:
                self._writer.go_back(self._place)
                self._writer.write(parse(self._tail[: cut - 1]), inside=self._inside)
                self._writer.text(" ", self._writer.look.words())
                self._place, self._inside, self._tail = self._writer.place, True, self._tail[cut:]
                self._shown = completed(self._tail)
                self._writer.write(parse(self._shown), inside=True)

    def _grow_table(self, over: bool) -> bool:
        """Fill the last rows; True if the tail goes on with something else now."""
        table = self._table
        assert table is not None
        text = table.head + self._tail
        tokens = parse(text if over else completed(text))
        rows = table_rows([token for token in tokens if token.level < 5 or token.type == "inline"])[1:]
        for number, row in enumerate(rows[: _count(tokens)]):
            self._writer.fill_row(table.table, table.row + number, row)
        lines = self._tail.split("\n")
        if _last_unit(tokens)[0]:
            first = next(t for t in tokens if t.level == 0 and t.nesting >= 0 and t.type != "table_open")
            assert first.map is not None
            self._table, self._place, self._shown = None, self._writer.place, None
            self._tail = "\n".join(lines[max(first.map[0] - 2, 0) :])
            return True
        if len(rows) > 1:
            self._tail = "\n".join(lines[len(rows) - 1 :])
            self._table = GrowingTable(table.table, table.head, table.row + len(rows) - 1)
        return False

    def _settle(self, tokens: list[Token], cut: int, line: int) -> None:
        """What stands before `cut` will not change any more."""
        self._place = self._writer.place
        lines = self._tail.split("\n")
        self._tail = "\n".join(lines[line:])
        number: int | None = None
        if tokens[cut].type == "list_item_open":
            opener = max(i for i in range(cut) if tokens[i].level == 0 and tokens[i].type.endswith("list_open"))
            if tokens[opener].type == "ordered_list_open":
                items = sum(t.type == "list_item_open" and t.level == 1 for t in tokens[opener:cut])
                begins = int(tokens[opener].attrs.get("start", 1))
                number = items + (self._number if opener == 0 and self._number is not None else begins)
        self._number = number
        self._inside = False


def _count(tokens: list[Token]) -> int:
    """How many rows the first table has below its head."""
    end = next((index for index, token in enumerate(tokens) if token.type == "table_close"), 0)
    return sum(token.type == "tr_open" for token in tokens[:end]) - 1


def _last_unit(tokens: list[Token]) -> tuple[int, int]:
    """The token and the line that the last block begins at, or the last item of a list; 0 if there is only one."""
    last = 0
    for index, token in enumerate(tokens):
        begins = (token.level == 0 and token.nesting >= 0) or (token.level == 1 and token.type == "list_item_open")
        if begins and token.map is not None:
            last = index
    if tokens and tokens[last].type == "list_item_open" and tokens[last - 1].type.endswith("list_open"):
        last -= 1  # a list with one item so far
    place = tokens[last].map if tokens else None
    return (last, place[0]) if place is not None else (0, 0)


def _closing(tokens: list[Token], cut: int) -> list[Token]:
    """What closes a list that is cut between its items."""
    if tokens[cut].type != "list_item_open":
        return []
    return [tokens[-1]]


def _opening(tokens: list[Token], cut: int) -> list[Token]:
    """What opens it again."""
    if tokens[cut].type != "list_item_open":
        return []
    return [next(t for t in reversed(tokens[:cut]) if t.level == 0 and t.type.endswith("list_open"))]


class Code:
    """A fenced block: lines with colours, as they come."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._text = ""
        self._language = ""
        self._state: State | None = None
        self._opened = False
        self._lines = 0
        self._last: tuple[Place, str] | None = None  # the line that is not yet whole
        self._start = -1
        self._inks = writer.look.inks()
        self._char = writer.look.code()

    def grow(self, text: str, *, over: bool) -> None:
        """More of it; `over` if that is all."""
        self._text += text
        if not self._opened:
            if "\n" not in self._text and not over:
                return
            first, _, self._text = self._text.partition("\n")
            self._language = first.strip().strip("`").strip().split(" ")[0]
            self._state = begins_in(self._language)
            self._opened = True
        body = self._text
        if over:
            stripped = body.rstrip()
            if stripped.endswith(f"\n{_FENCE}") or stripped == _FENCE:
                body = stripped.removesuffix(_FENCE).removesuffix("\n")
        held = body[len(body.rstrip("\n")) :]  # an empty line at the end may be the last
        body = body.rstrip("\n")
        *whole, rest = body.split("\n")
        if self._last is not None and (whole or rest != self._last[1]):
            self._writer.go_back(self._last[0])
            self._last = None
        for line in whole:
            self._line(line, last=False, keep_state=True)
        self._text = rest + held
        if self._last is None:
            place = self._writer.place
            self._line(rest, last=True, keep_state=over)
            self._last = (place, rest)

    @property
    def card(self) -> Card | None:
        """The code as it stands in the document."""
        if self._start < 0:
            return None
        return Card(self._start, self._language)

    def _line(self, line: str, *, last: bool, keep_state: bool) -> None:
        first = self._start < 0 or self._writer.place.position <= self._start
        self._writer.begin_block(self._writer.look.code_line(first=first, last=last), self._char)
        if first:
            self._start = self._writer.place.position
        self._write(line, keep_state)

    def _write(self, line: str, keep_state: bool) -> None:
        words, state = line_words(line, self._state) if self._state else ([], None)
        position = 0
        for start, length, kind in words:
            if start > position:
                self._writer.text(line[position:start], self._char)
            self._writer.text(line[start : start + length], self._inks.get(kind, self._char))
            position = max(position, start + length)
        self._writer.text(line[position:], self._char)
        if keep_state:
            self._state = state
