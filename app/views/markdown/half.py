"""The end of a text that is still being written, as it will most likely look: nothing flickers when its marks close."""

from __future__ import annotations

import re

_ONLY_A_MARK = re.compile(
    r"[ \t]*(?:[-*+_>]+|\d{1,9}[.)]?|#{1,6}|[-*_>][-*_> ]*|[-*+] \[[ xX]?\]?|~{1,3}|`{1,3})[ \t]*\Z"
)
_BEGINS = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)]|#{1,6}|>)[ \t]")
_RULER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_HALF_A_RULER = re.compile(r"[ \t|:-]*\Z")
_HALF_A_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\Z")
_HALF_A_LABEL = re.compile(r"!?\[([^\[\]\n]{0,60})\]?\Z")
_HALF_A_FORMULA = re.compile(r"\\\((?!.*?\\\)).*\Z|\\\[(?!.*?\\\]).*\Z|\$\$(?!.*?\$\$).*\Z", re.DOTALL)
_LONGEST_FORMULA = 600
_RUN = re.compile(r"\\.|`+|\*+|_+|~~")
_UNDECIDED = re.compile(r"(?<!\\)[*_~`\\]+\Z")


def completed(text: str) -> str:
    """The text with what is open at its end closed, and without what only the next characters will decide."""
    body, newline, last = text.rpartition("\n")
    if _ONLY_A_MARK.match(last):
        text, last = body + newline, ""
    text = _without_half_a_table(text)
    start = _last_unit(text)
    return text[:start] + _closed(text[start:])


def breaking_place(paragraph: str, longest: int) -> int:
    """Where a long paragraph may be cut so that both halves look as the whole does; 0 if nowhere."""
    position = len(paragraph) - longest
    while (position := paragraph.rfind(" ", 0, position)) > 0:
        before, after = paragraph[:position], paragraph[position + 1 : position + 2]
        if after.isalpha() and _open_marks(before) == ([], "") and before.count("[") == before.count("]"):
            return position + 1
        if len(paragraph) - position > 4 * longest:
            break
    return 0


def _without_half_a_table(text: str) -> str:
    """Rows are words until the line below the first of them makes a table of them; they wait for it."""
    lines = text.split("\n")
    first = len(lines)
    while first > 0 and lines[first - 1].lstrip().startswith("|"):
        first -= 1
    rows = lines[first:]
    if not rows and len(lines) > 1 and not lines[-1] and lines[-2].lstrip().startswith("|"):
        first, rows = len(lines) - 2, lines[-2:]
        while first > 0 and lines[first - 1].lstrip().startswith("|"):
            first -= 1
        rows = lines[first:]
    if len(rows) == 1 or (len(rows) == 2 and _HALF_A_RULER.match(rows[1]) and not _whole_ruler(rows)):
        return "\n".join(lines[:first]) + ("\n" if first else "")
    return text


def _whole_ruler(rows: list[str]) -> bool:
    """Whether the second row has as many columns as the first."""
    return bool(_RULER.match(rows[1])) and rows[1].count("|") >= rows[0].rstrip().count("|")


def _last_unit(text: str) -> int:
    """Where the last paragraph, item, heading or cell begins."""
    start = text.rfind("\n\n") + 2 if "\n\n" in text else 0
    position = len(text)
    while position > start:
        line = text.rfind("\n", start, position) + 1 or start
        found = _BEGINS.match(text, line)
        if found:
            return found.end()
        if text[line:].lstrip().startswith("|"):
            return text.rfind("|") + 1
        position = line - 1
    return start


def _closed(text: str) -> str:
    formula = _HALF_A_FORMULA.search(text)
    if formula and len(formula.group()) < _LONGEST_FORMULA:
        text = text[: formula.start()]
    text = _HALF_A_LABEL.sub(r"\1", _HALF_A_LINK.sub(r"\1", text))
    stack, code = _open_marks(text)
    if code:
        return text.rstrip("`") + code if text.rstrip("`").rstrip() and not text.endswith(code) else text.rstrip("`")
    held = _UNDECIDED.search(text)
    if held and ((stack and stack[-1]) or not text[: held.start()].strip() or text[held.start() - 1].isspace()):
        text = text[: held.start()]
        stack, code = _open_marks(text)
    if not stack:
        return text
    return text.rstrip() + "".join(reversed(stack))


def _open_marks(text: str) -> tuple[list[str], str]:
    """Marks of emphasis that are open at the end, and the backticks if code is."""
    stack: list[str] = []
    position = 0
    while found := _RUN.search(text, position):
        mark, position = found.group(), found.end()
        if mark[0] == "\\":
            continue
        if mark[0] == "`":
            end = re.compile(rf"(?<!`){mark}(?!`)").search(text, position)
            if end is None:
                return stack, mark
            position = end.end()
            continue
        before, after = text[found.start() - 1 : found.start()], text[position : position + 1]
        inside = before.isalnum() and after.isalnum()
        if mark in stack and before and not before.isspace():
            del stack[stack.index(mark) :]
        elif mark == "***" and stack[-2:] and not before.isspace():
            del stack[-2:]
        elif after and not after.isspace() and not inside and len(mark) <= 3:
            stack += ["**", "*"] if mark == "***" else [mark]
    return stack, ""
