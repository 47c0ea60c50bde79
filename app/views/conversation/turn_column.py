"""Turns below each other, of which only those near the eye are made: thousands cost no more than a screenful."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.state.turn import Turn
from app.views import theme

_MARGIN = theme.GRID * 3
_SPACING = theme.GRID * 4
_SLICE_SECONDS = 0.006
_NEAR, _FAR = 0.75, 3.0  # screens around the one that is seen: made within the first, kept within the second
_LINE, _LETTERS_A_LINE, _BARE = 21, 88, 120


class TurnColumn(QWidget):
    """Knows the height of every turn, measured or guessed, and has views of the turns in and near the visible range.

    Signals:
        moved: heights have become others; the scroll position may have to follow.
    """

    moved = Signal()

    def __init__(self, turns: list[Turn], make: Callable[[Turn, QWidget], QWidget]) -> None:
        """`turns` is the conversation's own list; `make` builds the view of one."""
        super().__init__()
        self._turns, self._make = turns, make
        self._views: dict[Turn, QWidget] = {}
        self._heights: list[int] = []
        self._tops: list[int] = []
        self._range = (0, 0)
        self._dirty: set[Turn] = set()
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._work)

    def follow(self, index: int) -> None:
        """The turns from this one on are others, or have gone, or come."""
        for turn in [turn for turn in self._views if self._turns[turn.place : turn.place + 1] != [turn]]:
            self._drop(turn)
        del self._heights[index:]
        self._heights += [self._guess(turn) for turn in self._turns[index:]]
        self._place(index)
        if len(self._turns) - index > 1:
            self._timer.start()  # a conversation that was opened: placing its turns was enough for one round
        else:
            self._work()

    def look(self, top: int, bottom: int) -> None:
        """This range is seen."""
        self._range = (top, bottom)
        if not self._timer.isActive():  # else there was enough to do for one round already
            self._work()

    def top_of(self, turn: Turn) -> int:
        """Where it begins."""
        return self._tops[turn.place]

    def turn_at(self, y: int) -> Turn | None:
        """The turn that is there, or the last one above."""
        index = max(bisect_right(self._tops, y) - 1, 0)
        return self._turns[index] if index < len(self._turns) else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A view wants another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            turn = next((turn for turn, view in self._views.items() if view is watched), None)
            if turn is not None:
                self._dirty.add(turn)
                self._timer.start()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks lines elsewhere."""
        if event.oldSize().width() != event.size().width():
            self._dirty.update(self._views)
            self._place(0)
            if not self._timer.isActive():
                self._work()

    @property
    def _column(self) -> tuple[int, int]:
        """Left edge and width of the turns, in which glyphs and links hang out."""
        width = min(max(self.width() - 2 * _MARGIN, 1), theme.READING_WIDTH)
        return (self.width() - width) // 2 - theme.HANG, width + theme.HANG

    def _work(self) -> None:
        """Measure what has changed, and make what is missing, for a few milliseconds at a time."""
        deadline = time.perf_counter() + _SLICE_SECONDS
        before = self._tops[-1:], self._heights[-1:]
        more = False
        self._measure_dirty()
        for turn in self._missing():
            self._views[turn] = view = self._make(turn, self)
            view.installEventFilter(self)
            self._measure(turn)
            if time.perf_counter() > deadline:
                more = True
                break
        else:
            self._drop_far()
        if more:
            self._timer.start()
        if (self._tops[-1:], self._heights[-1:]) != before:
            self.moved.emit()

    def _measure_dirty(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for turn in dirty:
            if turn in self._views:
                self._measure(turn)

    def _missing(self) -> list[Turn]:
        """Turns that should have a view and have none, those that are seen first."""
        top, bottom = self._range
        reach = round((bottom - top) * _NEAR)
        near = self._between(top - reach, bottom + reach)
        seen = self._between(top, bottom)
        return [turn for turn in dict.fromkeys((*reversed(seen), *near)) if turn not in self._views]

    def _drop_far(self) -> None:
        top, bottom = self._range
        reach = round((bottom - top) * _FAR)
        near = set(self._between(top - reach, bottom + reach))
        for turn in set(self._views) - near:
            if not self._views[turn].isAncestorOf(self.focusWidget() or self):
                self._drop(turn)

    def _between(self, top: int, bottom: int) -> list[Turn]:
        first = max(bisect_right(self._tops, top) - 1, 0)
        return self._turns[first : bisect_right(self._tops, bottom)]

    def _drop(self, turn: Turn) -> None:
        view = self._views.pop(turn)
        view.removeEventFilter(self)
        view.hide()
        view.deleteLater()

    def _measure(self, turn: Turn) -> None:
        """Give the view its width, and take the height that it then wants."""
        index, view = turn.place, self._views[turn]
        left, width = self._column
        before = self._heights[index]
        for _ in range(3):  # words learn how they break from the width that they are given, and ask for more
            layout = view.layout()
            assert layout is not None
            height = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else -1
            height = height if height >= 0 else layout.totalSizeHint().height()
            view.setGeometry(left, self._tops[index], width, height)
            view.show()
            layout.activate()
            if height == view.height() and height == self._heights[index]:
                break
            self._heights[index] = height
        if self._heights[index] != before:
            self._place(index)

    def _place(self, start: int) -> None:
        """Put everything from this turn on where it belongs."""
        del self._tops[start:]
        y = self._tops[-1] + self._heights[start - 1] + _SPACING if self._tops else _MARGIN
        for height in self._heights[start:]:
            self._tops.append(y)
            y += height + _SPACING
        end = self._tops[-1] + self._heights[-1] if self._tops else 0
        self.setMinimumHeight(end + _MARGIN)
        left, width = self._column
        for index in range(start, len(self._turns)):
            if index < len(self._tops) and (view := self._views.get(self._turns[index])) is not None:
                view.setGeometry(left, self._tops[index], width, self._heights[index])

    def _guess(self, turn: Turn) -> int:
        """About how high a turn will be."""
        text = turn.text
        words = (len(turn.question) + len(text)) / _LETTERS_A_LINE + text.count("\n")
        return math.ceil(_BARE + words * theme.scaled(_LINE) + (104 if turn.attachments else 0))
