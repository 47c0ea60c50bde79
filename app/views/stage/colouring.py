"""Colours in code, line by line as it changes, a few milliseconds at a time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from app.views.stage.code_words import START, Kind, State, line_words
from app.views.theme import Colours

_SLICE_MS = 6


def inks(c: Colours) -> dict[Kind, str]:
    """The colour of each kind of word that has one."""
    return {Kind.TAG: c.link, Kind.NAME: c.warning, Kind.VALUE: c.good, Kind.COMMENT: c.quiet, Kind.MARK: c.quiet}


class Colouring(QSyntaxHighlighter):
    """Gives words their colour. Of code that takes longer than a slice, the rest is coloured in slices that follow."""

    def __init__(self, document: QTextDocument, colours: Callable[[], Colours]) -> None:
        """`colours` says which are in force."""
        super().__init__(document)
        self._theme = colours
        self._states: list[State] = [START]
        self._formats: dict[Kind, QTextCharFormat] = {}
        self._clock = QElapsedTimer()
        self._rest: int | None = None  # the first line that a slice was too short for
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._on_next_slice)

    def rehighlight(self) -> None:
        """All of it, in the colours in force."""
        self._formats = {}
        for kind, ink in inks(self._theme()).items():
            self._formats[kind] = QTextCharFormat()
            self._formats[kind].setForeground(QColor(ink))
            self._formats[kind].setFontItalic(kind is Kind.COMMENT)
        super().rehighlight()

    def highlightBlock(self, text: str) -> None:
        """One line, if there is time."""
        if not self._timer.isActive():
            self._clock.start()
            self._timer.start()
        if self._clock.elapsed() >= _SLICE_MS:
            number = self.currentBlock().blockNumber()
            self._rest = number if self._rest is None else min(self._rest, number)
            self.setCurrentBlockState(self.currentBlockState())  # as it was, so that Qt does not go on to the next
            return
        before = max(self.previousBlockState(), 0)
        words, state = line_words(text, self._states[before])
        for start, length, kind in words:
            self.setFormat(start, length, self._formats.get(kind, QTextCharFormat()))
        if state not in self._states:
            self._states.append(state)
        self.setCurrentBlockState(self._states.index(state))

    def _on_next_slice(self) -> None:
        if self._rest is None:
            return
        block, self._rest = self.document().findBlockByNumber(self._rest), None
        self._clock.start()
        self._timer.start()
        while block.isValid() and self._rest is None:
            self.rehighlightBlock(block)
            block = block.next()
