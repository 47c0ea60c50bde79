"""How a row of the sidebar is painted, and how its title is edited in place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.state.library import Entry
from app.views import icons, theme
from app.views.sidebar.entry_model import EntryModel
from app.views.theme import Type, type_font
from app.words import tr

_ROW, _HEADING, _FIRST_HEADING = 32, 36, 28
_SIDE, _GLYPH = theme.GRID, 16
_LEFT = _SIDE + 8


class EntryDelegate(QStyledItemDelegate):
    """A glyph for the kind and the title in one line; headings are quiet."""

    def __init__(self, model: EntryModel, rename: Callable[[int, str], None]) -> None:
        super().__init__()
        self._model, self._rename = model, rename
        self.hovered = -1

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Rows are as high as what can be clicked; headings have air above them."""
        if self._model.entry(index) is not None:
            return QSize(0, theme.scaled(_ROW))
        return QSize(0, theme.scaled(_HEADING if index.row() else _FIRST_HEADING))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ground, glyph, title, pin; or a heading."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRect(option.rect)
        entry = self._model.entry(index)
        if entry is None:
            self._paint_heading(painter, area, str(index.data()))
        else:
            self._paint_entry(painter, area, entry, option, index.row() == self.hovered)
        painter.restore()

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """A field over the title."""
        field = QLineEdit(parent)
        field.setAccessibleName(tr("Name of the conversation"))
        field.setMaxLength(200)
        field.setAcceptDrops(False)
        field.setFont(type_font(Type.CONTROL))
        return field

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Over the title, beside the glyph."""
        left = _LEFT + theme.scaled(_GLYPH) + 2
        editor.setGeometry(QRect(option.rect).adjusted(left, 1, -_SIDE, -1))

    def setModelData(
        self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The new title, unless it is none."""
        entry = self._model.entry(index)
        if entry is not None and isinstance(editor, QLineEdit):
            self._rename(entry.key, editor.text())

    def _paint_heading(self, painter: QPainter, area: QRect, text: str) -> None:
        c = theme.colours_of(self.parent_widget)
        painter.setFont(type_font(Type.QUIET, bold=True))
        painter.setPen(QColor(c.quiet))
        words = area.adjusted(_LEFT, 0, -_LEFT, -6)
        painter.drawText(words, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, text)

    def _paint_entry(
        self, painter: QPainter, area: QRect, entry: Entry, option: QStyleOptionViewItem, hovered: bool
    ) -> None:
        c = theme.colours_of(self.parent_widget)
        state = option.state
        ground = QRectF(area.adjusted(_SIDE, 1, -_SIDE, -1))
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c.selection if selected else c.hover)
            painter.drawRoundedRect(ground, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        side = theme.scaled(_GLYPH)
        glyph = QRectF(area.left() + _LEFT, area.center().y() - side / 2 + 0.5, side, side)
        icons.paint_icon(painter, entry.kind, glyph, QColor(c.link if selected else c.quiet))
        painter.setFont(type_font(Type.CONTROL, bold=selected))
        painter.setPen(QColor(c.text))
        right = _LEFT
        if entry.pinned:
            pin = theme.scaled(12)
            place = QRectF(area.right() - _LEFT - pin, area.center().y() - pin / 2 + 0.5, pin, pin)
            icons.paint_icon(painter, "pin", place, QColor(c.quiet))
            right += pin + 4
        words = area.adjusted(round(_LEFT + side + 8), 0, -right, 0)
        text = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if selected and state & QStyle.StateFlag.State_HasFocus:
            theme.paint_focus(painter, self.parent_widget, ground)

    @property
    def parent_widget(self) -> QWidget:
        """The list that this paints in."""
        parent = self.parent()
        assert isinstance(parent, QWidget)
        return parent
