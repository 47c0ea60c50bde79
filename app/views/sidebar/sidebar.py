"""The conversations that are kept, by day; the one on the screen is marked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLabel, QListView, QMenu, QVBoxLayout, QWidget

from app.actions.library import LibraryActions
from app.state.library import Entry, Library
from app.views import theme
from app.views.sidebar.entry_delegate import EntryDelegate
from app.views.sidebar.entry_model import EntryModel
from app.words import tr

WIDTH = 232
EMPTY = tr("Your conversations will be listed here.")
_A_MINUTE_MS = 60_000


class Sidebar(QWidget):
    """A column on the left, closed from the menu or the header."""

    def __init__(self, library: Library, actions: LibraryActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self.setFixedWidth(theme.scaled(WIDTH))
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.list = ConversationList(library, actions, self)
        self._empty = QLabel(EMPTY, self)
        self._empty.setProperty("role", "quiet")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(theme.GRID * 3, theme.GRID * 3, theme.GRID * 3, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.GRID // 2, 1, 0)
        column.setSpacing(0)
        column.addWidget(self._empty)
        column.addWidget(self.list, 1)
        library.entries_changed.connect(self._follow)
        library.is_shown_changed.connect(self._follow)
        library.is_kept_changed.connect(self._follow)
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        if event.type() == QEvent.Type.FontChange:
            self.setFixedWidth(theme.scaled(WIDTH))
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        """Always as wide."""
        return QSize(theme.scaled(WIDTH), 400)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline on the right."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(theme.colours_of(self).hairline)
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())
        painter.end()

    def _follow(self, *_: object) -> None:
        self.setVisible(self._library.is_shown and self._library.is_kept)
        self._empty.setVisible(not self._library.entries)
        self.list.setVisible(bool(self._library.entries))


class ConversationList(QListView):
    """A click or the arrow keys open; F2 renames, Delete deletes, a right click has all that can be done."""

    def __init__(self, library: Library, actions: LibraryActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._library, self._actions = library, actions
        self._entries = EntryModel()
        self._paints = EntryDelegate(self._entries, actions.rename)
        self._paints.setParent(self)
        self.setModel(self._entries)
        self.setItemDelegate(self._paints)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "clear")
        self.setAccessibleName(tr("Conversations"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.clicked.connect(self._on_clicked)
        self._midnight = QTimer(self, interval=_A_MINUTE_MS)
        self._midnight.timeout.connect(self._follow)
        self._midnight.start()
        library.entries_changed.connect(self._follow)
        library.current_changed.connect(self._mark)
        library.opening_changed.connect(self._mark)
        self._follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What can be done with the marked conversation, by key."""
        entry = self._entries.entry(self.currentIndex())
        if entry is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._delete(entry)
        elif entry is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._actions.open(entry.key)
        else:
            before = self.currentIndex()
            super().keyPressEvent(event)
            if self.currentIndex() != before:
                self._on_clicked(self.currentIndex())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what a click would take."""
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: object) -> None:
        """Nothing any more."""
        self._hover(-1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Rename, pin, delete."""
        entry = self._entries.entry(self.indexAt(event.pos()))
        if entry is not None:
            self.menu_of(entry).popup(self.viewport().mapToGlobal(QPoint(event.pos())))

    def menu_of(self, entry: Entry) -> QMenu:
        """What can be done with this conversation."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Rename"), lambda: self.edit(self._entries.row_of(entry.key)))
        menu.addAction(
            tr("Unpin") if entry.pinned else tr("Pin"), lambda: self._actions.pin(entry.key, not entry.pinned)
        )
        menu.addAction(tr("Export…"), lambda: self._actions.export_to_file(entry.key))
        menu.addSeparator()
        menu.addAction(tr("Delete"), lambda: self._delete(entry))
        return menu

    def commitData(self, editor: QWidget) -> None:
        """Once, though Return and a click elsewhere right behind it both ask for it."""
        if self.state() == QAbstractItemView.State.EditingState:
            super().commitData(editor)

    def closeEditor(self, editor: QWidget, hint: object) -> None:
        """What changed while a title was being edited is shown now."""
        super().closeEditor(editor, hint)  # type: ignore[arg-type]
        QTimer.singleShot(0, self, self._follow)

    def _delete(self, entry: Entry) -> None:
        self._actions.delete(entry.key)

    def _follow(self, *_: object) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            return
        self._entries.show(self._library.entries)
        self._mark()

    def _mark(self, *_: object) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            return  # another current row would take the field away
        key = self._library.current if self._library.opening is None else self._library.opening
        index = self._entries.row_of(key)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
            if not index.isValid():
                self.clearSelection()

    def _hover(self, row: int) -> None:
        if row != self._paints.hovered:
            self._paints.hovered = row
            self.viewport().update()

    def _on_clicked(self, index: QModelIndex) -> None:
        entry = self._entries.entry(index)
        if entry is not None:
            self._actions.open(entry.key)
