"""An answer's text cut into prose, code and box lists while it streams; no character is lost."""

from __future__ import annotations

import re
from enum import StrEnum

from app.state.light_signal import LightSignal
from app.state.observable import LightObservable, Property

BOX_KEY = '"box_2d"'
_FENCE = "```"
_BARE_BOXES = re.compile(r'[ \t]*\[?\s*\{\s*"box_2d"')
_COULD_BE_BARE_BOXES = re.compile(r'[ \t]*(\[?\s*(\{\s*("?b?o?x?_?2?d?"?)?)?)?\Z')
_UNDECIDED = 200  # a list that has no box within so many characters is taken for code


class BlockKind(StrEnum):
    """How a piece of an answer is shown."""

    PROSE = "prose"
    CODE = "code"
    BOXES = "boxes"


class AnswerBlock(LightObservable):
    """One piece of an answer: exactly the characters that the model wrote, fences included.

    Attributes:
        kind: may turn from BOXES to CODE once it is clear that a fenced list has no boxes.
        boxes: numbers of the turn's boxes that stand in this block.
    """

    kind = Property[BlockKind](BlockKind.PROSE)
    boxes = Property[tuple[int, ...]](())
    closed = Property(False)
    text_appended = LightSignal()

    def __init__(self, kind: BlockKind) -> None:
        self.kind = kind
        self.text = ""
        self.expected_boxes = 0

    def append(self, text: str) -> None:
        """More characters, from the model."""
        start = max(len(self.text) - len(BOX_KEY) + 1, 0)
        self.text += text
        self.expected_boxes += self.text.count(BOX_KEY, start)
        self.text_appended.emit(text)
        if self.kind is BlockKind.BOXES and len(self.text) >= _UNDECIDED:
            self._decide()

    def close(self) -> None:
        """Nothing more comes."""
        if self.kind is BlockKind.BOXES:
            self._decide()
        self.closed = True

    def _decide(self) -> None:
        if BOX_KEY not in self.text[:_UNDECIDED]:
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
        rest, self._held = self._held + text, ""
        while rest:
            if self._at_line_start and self._is_in_doubt(rest):
                self._held = rest
                break
            rest = self._take(rest)
        return self.blocks[known:]

    def pause(self) -> list[AnswerBlock]:
        """Something else stands here: what was held back is decided, and more text begins a block of its own."""
        begun = self.finish()
        self._fenced, self._at_line_start = False, True
        return begun

    def finish(self) -> list[AnswerBlock]:
        """The text is over: what was held back is decided now."""
        known = len(self.blocks)
        rest, self._held = self._held, ""
        while rest:
            rest = self._take(rest)
        if self.blocks:
            self.blocks[-1].close()
        return self.blocks[known:]

    def _take(self, text: str) -> str:
        """Put the first line, or what there is of it, where it belongs; returns the rest."""
        end = text.find("\n") + 1 or len(text)
        line = text[:end]
        if not self._at_line_start:
            self._write(line)
        elif line.lstrip().startswith(_FENCE):
            self._fence(line)
        elif self._in_bare_list():
            if self._bare_list_is_over():
                self.blocks[-1].close()
            self._write(line)
        elif not self._fenced and _BARE_BOXES.match(text):
            self._begin(BlockKind.BOXES).append(line)
        else:
            self._write(line)
        self._at_line_start = line.endswith("\n")
        return text[end:]

    def _is_in_doubt(self, text: str) -> bool:
        """Whether what begins a line must wait for more: it may be a fence, or open a list of boxes."""
        line, newline, _ = text.partition("\n")
        start = line.lstrip()
        if not newline and (_FENCE.startswith(start) or start.startswith(_FENCE)):
            return True
        return not self._fenced and bool(_COULD_BE_BARE_BOXES.match(text))

    def _in_bare_list(self) -> bool:
        """Whether the last block is a list of boxes without a fence around it."""
        if self._fenced or not self.blocks or self.blocks[-1].closed:
            return False
        return self.blocks[-1].kind is BlockKind.BOXES

    def _bare_list_is_over(self) -> bool:
        text = self.blocks[-1].text
        return text.count("[") <= text.count("]") and text.count("{") <= text.count("}")

    def _fence(self, line: str) -> None:
        if self._fenced:
            self.blocks[-1].append(line)
            self.blocks[-1].close()
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
            self.blocks[-1].close()
        block = AnswerBlock(kind)
        self.blocks.append(block)
        return block
