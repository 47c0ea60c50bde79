"""Items beside each other, in as many rows as the width asks for."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QLayoutItem, QWidget

from app.views.item_layout import ItemLayout


class FlowLayout(ItemLayout):
    """Rows from left to right; an item wider than a row is narrowed to it."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 8, *, last_at_end: bool = False) -> None:
        """`last_at_end` puts the last item at the right end of its row."""
        self._heights: dict[int, int] = {}  # asked for again whenever anything around this changes its height
        self._last_at_end = last_at_end
        super().__init__(parent, spacing)

    def invalidate(self) -> None:
        """An item has changed."""
        self._heights.clear()
        super().invalidate()

    def heightForWidth(self, width: int) -> int:
        """Of all rows."""
        if width not in self._heights:
            self._heights[width] = super().heightForWidth(width)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """One row, if there is room for it."""
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() for size in sizes) + self.spacing() * max(len(sizes) - 1, 0)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """The tallest item; width can always be had by more rows."""
        return QSize(0, max((item.minimumSize().height() for item in self._items), default=0))

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        y = rect.y()
        for row in self._rows(rect.width()):
            height = max(size.height() for _, size in row)
            x = rect.x()
            for item, size in row if move else ():
                at_end = self._last_at_end and item is self._items[-1]
                left = rect.right() + 1 - size.width() if at_end else x
                item.setGeometry(QRect(left, y + (height - size.height()) // 2, size.width(), size.height()))
                x += size.width() + self.spacing()
            y += height + self.spacing()
        return max(y - self.spacing() - rect.y(), 0)

    def _rows(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """The items that are shown and their sizes, as they fit beside each other."""
        rows: list[list[tuple[QLayoutItem, QSize]]] = []
        taken = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint().boundedTo(QSize(max(width, 1), 100_000))
            if not rows or taken + size.width() > width:
                rows.append([])
                taken = 0
            rows[-1].append((item, size))
            taken += size.width() + self.spacing()
        return rows
