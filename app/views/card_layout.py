"""Cards of one width beside each other, in the middle: all in one row, or in rows of half as many."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize

from app.views import theme
from app.views.item_layout import ItemLayout

_WIDEST, _NARROWEST, _NARROWEST_FOR_WORDS = 224, 110, 84


class CardLayout(ItemLayout):
    """Columns as narrow as words allow; a card's height follows its width, a row's its tallest card."""

    def __init__(self, spacing: int) -> None:
        super().__init__(spacing=spacing)

    def sizeHint(self) -> QSize:
        """All in one row."""
        width = len(self._items) * (_WIDEST + self.spacing()) - self.spacing()
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        """One card; more rows take the rest."""
        return QSize(_least(), 0)

    def _columns(self, width: int) -> int:
        """As many as there is room for, but no row with a few left over."""
        columns = len(self._items)
        while columns > 1 and columns * (_least() + self.spacing()) - self.spacing() > width:
            columns = (columns + 1) // 2
        return max(columns, 1)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        columns, gap = self._columns(rect.width()), self.spacing()
        width = min(_WIDEST, (rect.width() - (columns - 1) * gap) // columns)
        left = rect.x() + (rect.width() - columns * (width + gap) + gap) // 2
        y = rect.y()
        for start in range(0, len(self._items), columns):
            row = self._items[start : start + columns]
            height = max(item.heightForWidth(width) for item in row)
            for index, item in enumerate(row if move else ()):
                item.setGeometry(QRect(left + index * (width + gap), y, width, height))
            y += height + gap
        return max(y - gap - rect.y(), 0)


def _least() -> int:
    return max(_NARROWEST, theme.scaled(_NARROWEST_FOR_WORDS))
