"""The list of sections beside the Settings."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListWidget, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.views import theme
from app.views.theme import Type, type_font

_LEAST, _PADDING = 140, 10
_Index = QModelIndex | QPersistentModelIndex


class SectionList(QListWidget):
    """As wide as the longest of them; arrow keys choose."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """`name` is read aloud."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("role", "surface")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setItemDelegate(_Delegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setViewportMargins(theme.GRID, theme.GRID * 2, theme.GRID, theme.GRID)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        """The words, and what is around them."""
        words = max(self.sizeHintForColumn(0), theme.scaled(_LEAST))
        return QSize(words + 2 * theme.GRID + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """It is never narrower."""
        return QSize(self.sizeHint().width(), super().minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        if event.type() == QEvent.Type.FontChange:
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()
        super().changeEvent(event)


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """One line."""
        words = option.fontMetrics.horizontalAdvance(str(index.data()))
        return QSize(words + 2 * _PADDING, theme.scaled(theme.TARGET) + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The words on a ground that says whether they are the chosen ones."""
        owner = self.parent()
        assert isinstance(owner, QListWidget)
        c = theme.colours_of(owner)
        area = QRectF(option.rect).adjusted(0, 1, 0, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(c.selection if chosen else c.hover)
            painter.drawRoundedRect(area, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        painter.setFont(type_font(Type.CONTROL))
        painter.setPen(QColor(c.text))
        words = area.adjusted(_PADDING, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, str(index.data()))
        painter.restore()
        if chosen and owner.hasFocus():
            theme.paint_focus(painter, owner, area)
