"""An answer's text cut into prose, code and box lists while it streams; no character is lost."""

from __future__ import annotations

import re
from enum import StrEnum

from PySide6.QtCore import Signal

from app.state.observable import Observable, Property

BOX_KEY = '"box_2d"'
_FENCE = "```"
_BARE_BOXES = re.compile(r'\s*\[?\s*\{\s*"box_2d"')
_COULD_BE_BARE_BOXES = re.compile(r'\s*(\[?\s*(\{\s*("?b?o?x?_?2?d?"?)?)?)?\Z')
_UNDECIDED = 64  # characters after which a fenced JSON list without a box key is taken for code


class BlockKind(StrEnum):
    """How a piece of an answer is shown."""

    PROSE = "prose"
    CODE = "code"
    BOXES = "boxes"


class AnswerBlock(Observable):
    """One piece of an answer: exactly the characters that the model wrote, fences included.

    Attributes:
        kind: may turn from BOXES to CODE once it is clear that a fenced list has no boxes.
        boxes: numbers of the turn's boxes that stand in this block.
    """

    kind = Property[BlockKind](BlockKind.PROSE)
    boxes = Property[tuple[int, ...]](())
    closed = Property(False)
    text_appended = Signal(str)

    def __init__(self, kind: BlockKind) -> None:
        super().__init__()
        self.kind = kind
        self.text = ""
        self.expected_boxes = 0

    def append(self, text: str) -> None:
        """More characters, from the model."""
        start = max(len(self.text) - len(BOX_KEY) + 1, 0)
        self.text += text
        self.expected_boxes += self.text.count(BOX_KEY, start)
        self.text_appended.emit(text)
        if self.kind is BlockKind.BOXES and not self.expected_boxes and (self.closed or len(self.text) > _UNDECIDED):
            self.kind = BlockKind.CODE


class AnswerSplitter:
    """Feeds text into blocks line by line: a fence opens and closes code, a list that begins with a box opens boxes."""

    def __init__(self) -> None:
        self.blocks: list[AnswerBlock] = []
        self._held = ""  # the start of a line of which it is not yet known where it belongs
        self._at_line_start = True
        self._fenced = False

    def feed(self, text: str) -> list[AnswerBlock]:
        """Take more text; returns the blocks that it has begun."""
        known = len(self.blocks)
        for line in (self._held + text).splitlines(keepends=True):
            self._held = ""
            self._take(line)
        return self.blocks[known:]

    def finish(self) -> list[AnswerBlock]:
        """The text is over: what was held back belongs to the last block."""
        known = len(self.blocks)
        held, self._held = self._held, ""
        if held:
            self._write(held)
        if self.blocks:
            self._close(self.blocks[-1])
        return self.blocks[known:]

    def _take(self, line: str) -> None:
        """A whole line, or what there is of the last one."""
        complete = line.endswith("\n")
        if self._at_line_start:
            if not complete and self._could_change_block(line):
                self._held = line
                return
            if line.lstrip().startswith(_FENCE):
                self._fence(line)
            elif not self._fenced and _BARE_BOXES.match(line):
                self._begin(BlockKind.BOXES).append(line)
            elif self._bare_list_is_over():
                self._close(self.blocks[-1])
                self._write(line)
            else:
                self._write(line)
        else:
            self._write(line)
        self._at_line_start = complete

    def _could_change_block(self, line: str) -> bool:
        start = line.lstrip()
        if _FENCE.startswith(start) or start.startswith(_FENCE):
            return True
        return not self._fenced and bool(start) and bool(_COULD_BE_BARE_BOXES.match(line))

    def _bare_list_is_over(self) -> bool:
        """Whether an unfenced list of boxes has closed its brackets before this line."""
        if self._fenced or not self.blocks or self.blocks[-1].kind is not BlockKind.BOXES:
            return False
        text = self.blocks[-1].text
        return text.count("[") <= text.count("]") and text.count("{") <= text.count("}")

    def _fence(self, line: str) -> None:
        if self._fenced:
            self.blocks[-1].append(line)
            self._close(self.blocks[-1])
            self._fenced = False
            return
        name = line.strip().removeprefix(_FENCE).strip().lower()
        self._begin(BlockKind.BOXES if name == "json" else BlockKind.CODE).append(line)
        self._fenced = True

    def _write(self, text: str) -> None:
        if not self.blocks or self.blocks[-1].closed:
            self._begin(BlockKind.PROSE)
        self.blocks[-1].append(text)

    def _begin(self, kind: BlockKind) -> AnswerBlock:
        if self.blocks:
            self._close(self.blocks[-1])
        block = AnswerBlock(kind)
        self.blocks.append(block)
        return block

    def _close(self, block: AnswerBlock) -> None:
        block.closed = True
        if block.kind is BlockKind.BOXES and not block.expected_boxes:
            block.kind = BlockKind.CODE
